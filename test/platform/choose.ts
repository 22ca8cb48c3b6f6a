// Before every test file: where the method runs, as the library and the command line say it.

import '../../src/platform/node/use-sqlite.js';
