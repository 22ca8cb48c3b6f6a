// Imported for its effect, by every program and thread that runs on Node.js, before the method is used. What was chosen before stays.

import { choosePlatformByDefault } from '../../core/platform/index.js';
import { nodePlatform } from './platform.js';

choosePlatformByDefault(nodePlatform);
