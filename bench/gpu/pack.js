// Packs what a bare Linux machine needs to run this benchmark: Node.js itself, ONNX Runtime's library, this package's own code, Vulkan's
// loader. node bench/gpu/pack.js ARCHIVE.tar.xz [--loader libvulkan.so.1]

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '..', '..');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { loader: { type: 'string' } } });
const archive = path.resolve(positionals[0] ?? 'bench/gpu/packed/gpu.tar.xz');
const usual = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/chromium/libvulkan.so.1', '/usr/lib64/libvulkan.so.1'];
const loader = values.loader ?? usual.find(existsSync);
if (!loader) throw new Error(`no Vulkan loader at ${usual.join(', ')}: install libvulkan1, or name one by --loader`);

const folder = mkdtempSync(path.join(tmpdir(), 'auxcell-gpu-'));
const into = (...parts) => path.join(folder, ...parts);
try {
  cpSync(process.execPath, into('node'), { dereference: true });
  execFileSync('strip', ['--strip-unneeded', into('node')], { stdio: 'ignore' });
  cpSync(loader, into('lib', 'libvulkan.so.1'), { dereference: true });
  cpSync(path.join(root, 'package.json'), into('package.json'));
  for (const part of ['dist/core', 'dist/platform']) cpSync(path.join(root, part), into(part), { recursive: true, filter: isCode });
  for (const part of ['gpu', 'torch']) cpSync(path.join(root, 'bench', part), into('bench', part), { recursive: true, filter: isCode });
  const modules = [
    'onnxruntime-common',
    'onnxruntime-node',
    '@bufbuild/protobuf',
    'pure-rand',
    'zod',
    '@dagrejs/dagre',
    'yaml',
    'fflate',
    'fast-png',
    'iobuffer',
  ];
  for (const name of modules)
    cpSync(path.join(root, 'node_modules', name), into('node_modules', name), { recursive: true, filter: isNeeded });
  mkdirSync(path.dirname(archive), { recursive: true });
  const names = readdirSync(folder);
  execFileSync('tar', ['-cJf', archive, '-C', folder, ...names], { env: { ...process.env, XZ_OPT: '-6 -T0' } });
  console.log(`${archive}: ${(statSync(archive).size / 2 ** 20).toFixed(1)} MiB`);
} finally {
  rmSync(folder, { recursive: true });
}

function isCode(file) {
  return statSync(file).isDirectory() ? !file.endsWith('packed') : /\.(js|py|sh)$/.test(file);
}

/** Of packages: code and manifests, and of ONNX Runtime the library for Linux on this processor only. */
function isNeeded(file) {
  if (statSync(file).isDirectory()) return !/\/bin\/napi-v\d+\/(darwin|win32|linux\/(?!x64))/.test(file);
  return /\.(js|cjs|mjs|json|node)$|\.so(\.\d+)*$/.test(file);
}
