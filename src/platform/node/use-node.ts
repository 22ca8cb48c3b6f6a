// Imported for its effect, by every program and thread that runs on Node.js, before the method is used.

import { choosePlatform } from '../../core/platform/index.js';
import { nodePlatform } from './platform.js';

choosePlatform(nodePlatform);
