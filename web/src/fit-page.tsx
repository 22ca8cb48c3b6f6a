// A fit: how far it is, its search and its trainings, and what it has left.

import type { FitView } from '../../src/server/api.js';
import { Fact } from './facts';
import { Findings } from './findings';
import { FitResults } from './fit-results';
import { dateText, spanText } from './numbers';
import { RunTable } from './run-table';
import { useTitle } from './title';

export function FitPage({ view }: { readonly view: FitView }) {
  const { run, folder, state, begun, version, data, task, seed, seconds, phase, parts, result, files, findings } = view;
  useTitle(run);
  return (
    <>
      <h1>{run}</h1>
      <dl className="facts">
        <Fact name="state" value={<span className={`state ${state}`}>{state === 'running' && phase !== 'done' ? phase : state}</span>} />
        {task !== null && <Fact name="task" value={task} />}
        <Fact name="data" value={data} />
        {begun !== null && <Fact name="begun" value={dateText(begun)} />}
        <Fact name="time given" value={spanText(seconds.given)} />
        <Fact name="time spent" value={spanText(seconds.spent)} />
        {state === 'running' && <Fact name="time left" value={spanText(Math.max(0, seconds.given - seconds.spent))} />}
        <Fact name="seed" value={seed} />
        <Fact name="version" value={version} />
      </dl>
      <Findings findings={findings} />
      {result && <FitResults result={result} />}
      <h2>Its search and its trainings</h2>
      {parts.length === 0 ? <p className="note">Nothing is begun yet.</p> : <RunTable entries={parts} within={run} />}
      {files.length > 0 && (
        <section>
          <h2>What it has left</h2>
          <p className="note">
            In <code>{folder}</code>:
          </p>
          <ul className="files">
            {files.map(({ name, address }) => (
              <li key={name}>{address === null ? <code>{name}</code> : <a href={address}>{name}</a>}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
