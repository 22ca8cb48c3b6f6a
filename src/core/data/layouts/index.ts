// All layouts, the more specific before the more general: the first that fits is taken. A new one is a file and a line here.

import { ade20k } from './ade20k.js';
import { cityscapes } from './cityscapes.js';
import { cocoInstances } from './coco-instances.js';
import { cocoPanoptic } from './coco-panoptic.js';
import { depthFolders } from './depth-folders.js';
import { depthLists } from './depth-lists.js';
import { kitti } from './kitti.js';
import { labelme } from './labelme.js';
import type { DepthLayout, MaskLayout } from './layout.js';
import { maskFolders } from './mask-folders.js';
import { maskLists } from './mask-lists.js';
import { nyuNames } from './nyu.js';
import { roboflowMasks } from './roboflow.js';
import { cvatMasks, voc } from './voc.js';
import { yoloSegmentation } from './yolo.js';

export const maskLayouts: readonly MaskLayout[] = [
  cvatMasks,
  voc,
  yoloSegmentation,
  maskLists,
  cityscapes,
  roboflowMasks,
  cocoPanoptic,
  cocoInstances,
  ade20k,
  maskFolders,
  labelme,
];

export const depthLayouts: readonly DepthLayout[] = [depthLists, kitti, nyuNames, depthFolders];
