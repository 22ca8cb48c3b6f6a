import { createRoot } from 'react-dom/client';
import { Boundary } from './boundary';
import { FitPage } from './fit-page';
import { usePlaceKept } from './place-kept';
import { runAddress, useRoute } from './route';
import { LiveRun } from './run-page';
import { RunsPage } from './runs-page';
import { useWork } from './source';
import { TrainingPage } from './training-page';
import { TrialPage } from './trial-page';
import './style.css';

function App() {
  const { run, index } = useRoute();
  usePlaceKept();
  return (
    <>
      <header>
        <a href="#/" className="brand">
          Auxcell
        </a>
        {run !== undefined && <a href={runAddress(run)}>{run}</a>}
        {index !== undefined && <span>#{index}</span>}
      </header>
      <main>
        <Boundary what="This page cannot be shown" key={`${run} ${index}`}>
          {run === undefined ? <RunsPage /> : index === undefined ? <WorkPage name={run} /> : <TrialPage run={run} index={index} />}
        </Boundary>
      </main>
    </>
  );
}

/** A search, a training or a fit: the server says which. */
function WorkPage({ name }: { readonly name: string }) {
  const loaded = useWork(name);
  if (!loaded) return <p className="note">loading…</p>;
  if ('error' in loaded) return <p className="note">{loaded.error}</p>;
  const { value } = loaded;
  switch (value.kind) {
    case 'search':
      return <LiveRun view={value} key={value.id} />;
    case 'training':
      return <TrainingPage view={value} />;
    case 'fit':
      return <FitPage view={value} />;
  }
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
