#!/usr/bin/env bash
# On a bare Linux machine with a driver for Vulkan: unpacks what bench/gpu/pack.js packed and measures. run.sh ARCHIVE OUT [options of run.js]
set -euo pipefail
archive=$1
out=$2
shift 2
folder=$(mktemp -d)
tar -xJf "$archive" -C "$folder"
# The loader of Vulkan comes along; drivers are the machine's. NVIDIA's may lie where the loader does not look.
export LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
nvidia=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
if [[ -z ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} && -e $nvidia ]]; then export VK_DRIVER_FILES=$nvidia; fi
mkdir -p "$out"
"$folder/node" "$folder/bench/gpu/run.js" "$out" "$@"
rm -rf "$folder"
