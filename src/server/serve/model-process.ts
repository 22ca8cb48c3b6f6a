// The process that holds the model: a question at a time. It is a process and not a thread because ONNX Runtime computes where it is
// called, and only a process can be ended in the middle of it.

// The first: what follows asks where it runs.
import '../../platform/node/use-node.js';
import { reasonOf } from '../../core/errors/index.js';
import { openModel } from '../../library/model.js';
import { answer } from './answer.js';
import type { FromModel, ModelSetting, ToModel } from './question.js';

function send(message: FromModel): void {
  process.send?.(message);
}

async function open(setting: ModelSetting): Promise<((message: ToModel) => Promise<void>) | undefined> {
  try {
    const { model: file, threads, device, size, maxPixels } = setting;
    const model = await openModel(file, { threads, device });
    send({ kind: 'ready', card: model.card });
    return async (message) => {
      if (message.kind === 'question') send(await answer(model, message.question, { size, maxPixels }));
    };
  } catch (error) {
    send({ kind: 'unusable', reason: reasonOf(error) });
    return undefined;
  }
}

let handle: ((message: ToModel) => Promise<void>) | undefined;
let last = Promise.resolve();
process.on('message', (message: ToModel) => {
  last = last.then(async () => {
    if (message.kind === 'begin') handle = await open(message.setting);
    else await handle?.(message);
  });
});
// The server is gone: nobody waits for an answer.
process.on('disconnect', () => process.exit(0));
// Ctrl-C and a service manager reach the whole group; the server ends its processes when all is answered.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
