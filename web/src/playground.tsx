// The page where a found model runs on one's own pictures or camera. No picture leaves the browser.

import { useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Box } from '../../src/core/data/person.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';
import { PageModel } from './page-model';
import { pixelsOf, readPicture } from './picture-pixels';
import { SeenView, type Shown } from './seen-canvas';
import './style.css';

const cameraWidth = 480;

function modelText({ name, task, classes, parameters, bytes }: PlaygroundManifest): string {
  const what = {
    segmentation: `segmentation into ${classes.length} classes`,
    pose: task.task === 'pose' ? `pose, ${task.joints.length} joints` : '',
    depth: task.task === 'depth' ? `depth, ${task.minDepth} to ${task.maxDepth} m` : '',
  }[task.task];
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [name, what, ...(parameters === null ? [] : [`${(parameters / 1e6).toFixed(2)} M parameters in use`]), size].join(' · ');
}

/** What was seen, and in what time. */
function timeText({ engine }: PageModel, { picture, seen }: Shown, rate: number | undefined): string {
  const frames = rate === undefined ? '' : `, ${rate.toFixed(1)} frames per second`;
  return `${engine}: ${seen.milliseconds.toFixed(0)} ms, ${picture.width}×${picture.height} seen at ${seen.size.width}×${seen.size.height}${frames}`;
}

function Playground() {
  const [model, setModel] = useState<PageModel>();
  const [shown, setShown] = useState<Shown>();
  const [box, setBox] = useState<Box>();
  /** The sample that is shown. */
  const [chosen, setChosen] = useState<string>();
  const [trouble, setTrouble] = useState('');
  const [camera, setCamera] = useState(false);
  const [rate, setRate] = useState<number>();
  const busy = useRef(false);
  const wanted = new URLSearchParams(location.search).get('backend');

  useEffect(() => {
    PageModel.open(wanted === 'wasm' || wanted === 'webgpu' ? wanted : 'auto').then(setModel, (error: unknown) =>
      setTrouble(`the model could not be opened: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, [wanted]);

  const look = useCallback(
    async (picture: ImageData, person?: Box, note = ''): Promise<void> => {
      if (!model || busy.current) return;
      busy.current = true;
      try {
        setShown({ picture, seen: await model.run(picture, person) });
        setTrouble(note);
      } catch (error) {
        setTrouble(error instanceof Error ? error.message : String(error));
      } finally {
        busy.current = false;
      }
    },
    [model],
  );

  const background = model?.manifest.task.background;
  const take = useCallback(
    async (file: Blob): Promise<void> => {
      try {
        setBox(undefined);
        const { image, note } = await readPicture(file, background);
        await look(image, undefined, note);
      } catch {
        setTrouble('this is no picture that the browser can read');
      }
    },
    [look, background],
  );
  const sample = useCallback(
    async (url: string): Promise<void> => {
      setChosen(url);
      await take(await (await fetch(url)).blob());
    },
    [take],
  );
  const takeOwn = (file: Blob): void => {
    setChosen(undefined);
    void take(file);
  };

  useEffect(() => {
    const first = model?.manifest.samples[0];
    if (first !== undefined) void sample(first);
  }, [model, sample]);

  useEffect(() => {
    if (!camera) return;
    const video = document.createElement('video');
    let stream: MediaStream | undefined;
    let gone = false;
    let last = performance.now();
    const next = async (): Promise<void> => {
      if (gone) return;
      if (video.videoWidth > 0) {
        await look(pixelsOf(video, video.videoWidth, video.videoHeight, { most: cameraWidth }), box);
        const now = performance.now();
        setRate(1000 / (now - last));
        last = now;
      }
      requestAnimationFrame(() => void next());
    };
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then(
      async (opened) => {
        stream = opened;
        video.srcObject = opened;
        video.muted = true;
        await video.play();
        await next();
      },
      (error: unknown) => {
        setTrouble(`no camera: ${error instanceof Error ? error.message : String(error)}`);
        setCamera(false);
      },
    );
    return () => {
      gone = true;
      setRate(undefined);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [camera, look, box]);

  return (
    <>
      <header>
        <span className="brand">Auxcell playground</span>
        <span>{model?.manifest.name}</span>
      </header>
      <main
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const [file] = event.dataTransfer.files;
          if (file) takeOwn(file);
        }}
      >
        <h1>Try the model</h1>
        <p className="note">Drop a picture anywhere, choose one, or use the camera. It never leaves this device.</p>
        <div className="tools">
          <label className="button">
            choose a picture
            <input type="file" accept="image/*" onChange={({ target }) => target.files?.[0] && takeOwn(target.files[0])} />
          </label>
          <button
            type="button"
            onClick={() => {
              setChosen(undefined);
              setCamera(!camera);
            }}
            disabled={!model}
          >
            {camera ? 'stop the camera' : 'use the camera'}
          </button>
          {model?.manifest.samples.map((url, i) => (
            <button key={url} type="button" className="sample" aria-pressed={url === chosen} onClick={() => void sample(url)}>
              <img src={url} alt={`sample ${i + 1}`} />
            </button>
          ))}
        </div>
        {model && <p className="note">{modelText(model.manifest)}</p>}
        <p className="hint" aria-live="polite">
          {trouble || (model && shown ? timeText(model, shown, rate) : 'opening the model…')}
        </p>
        {model && (
          <SeenView
            shown={shown}
            manifest={model.manifest}
            box={box}
            onBox={(person) => {
              setBox(person);
              if (shown && !camera) void look(shown.picture, person);
            }}
          />
        )}
      </main>
    </>
  );
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Playground />);
