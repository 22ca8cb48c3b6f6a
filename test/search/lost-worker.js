// In the place of a worker process: dies, or falls silent, when it is told to by the candidate's index; the marker file
// says that it has done so before.

import { existsSync, writeFileSync } from 'node:fs';

let marker = '';

process.on('message', (message) => {
  if (message.kind === 'begin') {
    marker = message.setting.data;
    return;
  }
  const { index } = message.job;
  // 8 dies before it has its candidate in hand, once.
  if (index === 8 && !existsSync(`${marker}-8`)) {
    writeFileSync(`${marker}-8`, '');
    process.kill(process.pid, 'SIGKILL');
    return;
  }
  process.send({ kind: 'taken' });
  const first = !existsSync(`${marker}-${index}`);
  writeFileSync(`${marker}-${index}`, '');
  // 1 and 2 trouble once, 3 and 4 always.
  if (index === 1 && first) process.kill(process.pid, 'SIGKILL');
  if (index === 2 && first) return;
  if (index === 3) process.exit(7);
  if (index === 4) return;
  if (index === 5) return process.send({ kind: 'failed', reason: 'the loss became NaN' });
  if (index === 11) return process.send({ kind: 'machine', reason: 'ENOSPC: no space left on device, write', suspect: false });
  if (index === 12 && first) return process.send({ kind: 'machine', reason: 'EIO: i/o error, read', suspect: false });
  process.send({ kind: 'step', report: { stage: 1, step: 1, steps: 1, epoch: 0, loss: 1 } });
  process.send({
    kind: 'done',
    evaluation: {
      reward: process.pid,
      firstReward: 0.5,
      rungs: [],
      metrics: {},
      loss: 1,
      epochs: [],
      steps: 1,
      stage: 1,
      trainSeconds: 0,
      validationSeconds: 0,
      parameters: new Map([['decoder.x', Float32Array.of(1, 2, index)]]),
    },
  });
});
process.on('disconnect', () => process.exit(0));
