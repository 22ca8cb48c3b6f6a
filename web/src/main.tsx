import { createRoot } from 'react-dom/client';
import { Boundary } from './boundary';
import { useRoute } from './route';
import { RunPage } from './run-page';
import { RunsPage } from './runs-page';
import { TrialPage } from './trial-page';
import './style.css';

function App() {
  const [run, index] = useRoute();
  return (
    <>
      <header>
        <a href="#/" className="brand">
          Auxcell
        </a>
        {run !== undefined && <a href={`#/${encodeURIComponent(run)}`}>{run}</a>}
        {index !== undefined && <span>#{index}</span>}
      </header>
      <main>
        <Boundary what="This page cannot be shown" key={`${run} ${index}`}>
          {run === undefined ? <RunsPage /> : index === undefined ? <RunPage name={run} /> : <TrialPage run={run} index={index} />}
        </Boundary>
      </main>
    </>
  );
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
