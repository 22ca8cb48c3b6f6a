"""MPII's official annotations (mpii_human_pose_v1_u12_1.mat) as the two JSON lists that Auxcell reads.

    python3 docs/mpii-to-json.py mpii_human_pose_v1_u12_1.mat path/to/mpii

writes path/to/mpii/mpii_train.json and mpii_val.json beside its images/. Wants SciPy. The test images' joints are not public, so
every eighth annotated image is for validation. Unlike mmpose's lists, these carry the head's box, which PCKh is measured by.
"""

import json
import pathlib
import sys

import numpy as np
from scipy.io import loadmat


def people_of(annotation):
    for rect in np.atleast_1d(annotation.annorect):
        points = getattr(getattr(rect, "annopoints", None), "point", None)
        position = getattr(rect, "objpos", None)
        if points is None or position is None or not hasattr(position, "x"):
            continue
        joints, visible = [[0.0, 0.0] for _ in range(16)], [0] * 16
        for point in np.atleast_1d(points):
            joints[int(point.id)] = [float(point.x), float(point.y)]
            visible[int(point.id)] = 1
        yield {
            "image": str(annotation.image.name),
            "joints": joints,
            "joints_vis": visible,
            "center": [float(position.x), float(position.y)],
            "scale": float(rect.scale),
            "headbox": [float(rect.x1), float(rect.y1), float(rect.x2), float(rect.y2)],
        }


def main(source, folder):
    release = loadmat(source, struct_as_record=False, squeeze_me=True)["RELEASE"]
    lists = {"train": [], "val": []}
    annotated = [a for a, train in zip(np.atleast_1d(release.annolist), np.atleast_1d(release.img_train)) if train]
    for i, annotation in enumerate(annotated):
        lists["val" if i % 8 == 7 else "train"] += people_of(annotation)
    for split, people in lists.items():
        (pathlib.Path(folder) / f"mpii_{split}.json").write_text(json.dumps(people))
        print(f"{split}: {len(people)} people")


if __name__ == "__main__":
    main(*sys.argv[1:])
