// Names of files as on every system but Windows.

import { basename, dirname, extname, isAbsolute, join, normalize, parse, relative, resolve } from 'pathe';
import type { Paths } from '../../core/platform/index.js';

export const paths: Paths = { sep: '/', basename, dirname, extname, isAbsolute, join, normalize, parse, relative, resolve };
