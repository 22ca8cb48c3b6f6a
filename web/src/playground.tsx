// The page where a found model runs on one's own pictures or camera. No picture leaves the browser.

import { useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Box } from '../../src/core/data/person.js';
import { ModelRunner } from './model-runner';
import { pixelsOf, readPicture } from './picture-pixels';
import { SeenView, type Shown } from './seen-canvas';
import './style.css';

const cameraWidth = 480;

function Playground() {
  const [model, setModel] = useState<ModelRunner>();
  const [shown, setShown] = useState<Shown>();
  const [box, setBox] = useState<Box>();
  const [trouble, setTrouble] = useState('');
  const [camera, setCamera] = useState(false);
  const [rate, setRate] = useState<number>();
  const busy = useRef(false);
  const wanted = new URLSearchParams(location.search).get('backend');

  useEffect(() => {
    ModelRunner.open(wanted === 'wasm' || wanted === 'webgpu' ? wanted : 'auto').then(setModel, (error: unknown) =>
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

  const take = useCallback(
    async (file: Blob): Promise<void> => {
      try {
        setBox(undefined);
        const { image, note } = await readPicture(file);
        await look(image, undefined, note);
      } catch {
        setTrouble('this is no picture that the browser can read');
      }
    },
    [look],
  );
  const sample = useCallback(async (url: string): Promise<void> => take(await (await fetch(url)).blob()), [take]);

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
        await look(pixelsOf(video, video.videoWidth, video.videoHeight, cameraWidth), box);
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
          if (file) void take(file);
        }}
      >
        <h1>Try the model</h1>
        <p className="note">Drop a picture anywhere, choose one, or use the camera. It never leaves this device.</p>
        <div className="tools">
          <label className="button">
            choose a picture
            <input type="file" accept="image/*" onChange={({ target }) => target.files?.[0] && void take(target.files[0])} />
          </label>
          <button type="button" onClick={() => setCamera(!camera)} disabled={!model}>
            {camera ? 'stop the camera' : 'use the camera'}
          </button>
          {model?.manifest.samples.map((url, i) => (
            <button key={url} type="button" className="sample" onClick={() => void sample(url)}>
              <img src={url} alt={`sample ${i + 1}`} />
            </button>
          ))}
        </div>
        <p className="hint" aria-live="polite">
          {trouble ||
            (model && shown
              ? `${model.engine}: ${shown.seen.milliseconds.toFixed(0)} ms, ${shown.picture.width}×${shown.picture.height} seen at ${shown.seen.size.width}×${shown.seen.size.height}${rate === undefined ? '' : `, ${rate.toFixed(1)} frames per second`}`
              : 'opening the model…')}
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
