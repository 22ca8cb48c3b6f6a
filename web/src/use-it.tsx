// A network in one's own program: the model to download, and code that runs it. Where only the architecture is there, how its network
// is made.

import { use, useId, useState } from 'react';
import type { RunView, TrainingView } from '../../src/server/api.js';
import { usageExamples } from '../../src/core/model/usage.js';
import { AddressContext, runUrl } from './addresses';
import { CopyButton } from './copy-button';

/** Of an architecture of a search. */
export function UseIt({ run, index }: { readonly run: RunView; readonly index: number }) {
  const model = use(AddressContext).model(run.run);
  if (run.model !== index) return <TrainIt run={run} index={index} />;
  return (
    <ModelInCode
      output={run.output}
      inputSize={run.inputSize}
      folder={run.folder}
      model={model}
      note="The network as the search left it, trained for a short while only; auxcell train makes the most of the architecture."
    />
  );
}

/** Of the best epoch of a training. */
export function UseTraining({ view }: { readonly view: TrainingView }) {
  if (!view.hasModel) return null;
  return (
    <ModelInCode
      output={view.output}
      inputSize={view.inputSize}
      folder={view.folder}
      model={`${runUrl(view.run)}/model.onnx`}
      note={view.best === null ? '' : `The network of the best epoch, ${view.best.epoch}.`}
    />
  );
}

interface ModelInCodeProps extends Pick<RunView, 'output' | 'inputSize' | 'folder'> {
  /** Where model.onnx is to be had; absent: nowhere, but by a command. */
  readonly model: string | undefined;
  /** Which network it is. */
  readonly note: string;
}

function ModelInCode({ output, inputSize: [height, width], folder, model, note }: ModelInCodeProps) {
  const examples = usageExamples({ task: output.task, size: { width, height }, background: output.background });
  const [chosen, setChosen] = useState(0);
  const group = useId();
  const example = examples[chosen];
  const weights = quoted(`${folder}/best.safetensors`);
  const taken =
    output.task === 'pose'
      ? `It takes raw RGB of one person, ${width}×${height}.`
      : `It takes raw RGB at any size; figures hold for ${width}×${height}.`;
  return (
    <section className="use-it">
      <h2>Use it</h2>
      <p className="note">{`${note} ${taken}`.trim()}</p>
      <div className="tools">
        {model === undefined ? (
          <code>{`auxcell export --weights ${weights} --upsample --normalise -o model.onnx`}</code>
        ) : (
          <a className="button" href={model} download="model.onnx">
            download model.onnx
          </a>
        )}
      </div>
      <fieldset className="choice">
        <legend>Code for</legend>
        {examples.map(({ title, name }, k) => (
          <label key={name}>
            <input type="radio" name={group} checked={k === chosen} onChange={() => setChosen(k)} /> {title}
          </label>
        ))}
      </fieldset>
      {example && (
        <>
          <p className="note">
            <code>{example.needs}</code>
          </p>
          {example.name === '@huggingface/transformers' && (
            <p className="note">
              <code>{`auxcell export --weights ${weights} --transformers -o models/mine`}</code>
            </p>
          )}
          <Code name={`code: ${example.title}`} text={example.code} />
          <CopyButton text={example.code} what="the code" />
        </>
      )}
    </section>
  );
}

/** Of an architecture whose weights were not kept. */
function TrainIt({ run, index }: { readonly run: RunView; readonly index: number }) {
  const command = `auxcell train --genotype ${quoted(`${run.folder}#${index}`)} --data ${quoted(run.data)} --preset mine.yaml`;
  return (
    <section className="use-it">
      <h2>Use it</h2>
      <p className="note">
        {run.model === null ? 'No weights are kept in this run' : `Weights are kept of the best architecture only (#${run.model})`}; this
        one is trained anew by the command below. mine.yaml: a preset with a section <code>train</code>, as in presets/camvid-full.yaml.
      </p>
      <Code name="command" text={command} />
      <CopyButton text={command} what="the command" />
    </section>
  );
}

function Code({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <section className="code" tabIndex={0} aria-label={name}>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
  );
}

/** For a shell, where that is needed. */
function quoted(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
