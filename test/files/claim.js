// Waits for its turn at a barrier (a time), then tries to lock a folder: node claim.js FOLDER TIME. Says `in` or who is in, and stays.

import { lockFolder } from '../../dist/platform/node/files/index.js';

const [folder, time] = process.argv.slice(2);
while (Date.now() < Number(time));
const got = await lockFolder(folder);
process.send('lock' in got ? 'in' : `${got.heldBy?.pid}`);
if ('lock' in got) setInterval(() => {}, 1000);
process.on('message', () => process.exit(0));
