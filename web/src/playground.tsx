// The page where a found model runs on one's own pictures or camera. No picture leaves the browser.

import { useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type Segmented, Segmenter } from './segmenter';
import './style.css';

type Shown = { readonly picture: ImageData; readonly segmented: Segmented };

/** Pictures beyond this are made smaller. */
const longestSide = 1024;
const cameraWidth = 480;

function pixelsOf(source: CanvasImageSource, width: number, height: number, most: number): ImageData {
  const factor = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * factor);
  canvas.height = Math.round(height * factor);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas');
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function Playground() {
  const [segmenter, setSegmenter] = useState<Segmenter>();
  const [shown, setShown] = useState<Shown>();
  const [trouble, setTrouble] = useState('');
  const [opacities, setOpacities] = useState<readonly number[]>([]);
  const [camera, setCamera] = useState(false);
  const [rate, setRate] = useState<number>();
  const busy = useRef(false);
  const wanted = new URLSearchParams(location.search).get('backend');

  useEffect(() => {
    Segmenter.open(wanted === 'wasm' || wanted === 'webgpu' ? wanted : 'auto').then(
      (opened) => {
        setOpacities(opened.manifest.classes.map(({ name }) => (name === 'background' ? 0 : 0.6)));
        setSegmenter(opened);
      },
      (error: unknown) => setTrouble(`the model could not be opened: ${error instanceof Error ? error.message : String(error)}`),
    );
  }, [wanted]);

  const segment = useCallback(
    async (picture: ImageData): Promise<void> => {
      if (!segmenter || busy.current) return;
      busy.current = true;
      try {
        setShown({ picture, segmented: await segmenter.run(picture) });
        setTrouble('');
      } catch (error) {
        setTrouble(error instanceof Error ? error.message : String(error));
      } finally {
        busy.current = false;
      }
    },
    [segmenter],
  );

  const take = useCallback(
    async (file: Blob): Promise<void> => {
      try {
        const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
        await segment(pixelsOf(bitmap, bitmap.width, bitmap.height, longestSide));
      } catch {
        setTrouble('this is no picture that the browser can read');
      }
    },
    [segment],
  );
  const sample = useCallback(async (url: string): Promise<void> => take(await (await fetch(url)).blob()), [take]);

  useEffect(() => {
    const first = segmenter?.manifest.samples[0];
    if (first !== undefined) void sample(first);
  }, [segmenter, sample]);

  useEffect(() => {
    if (!camera) return;
    const video = document.createElement('video');
    let stream: MediaStream | undefined;
    let gone = false;
    let last = performance.now();
    const next = async (): Promise<void> => {
      if (gone) return;
      if (video.videoWidth > 0) {
        await segment(pixelsOf(video, video.videoWidth, video.videoHeight, cameraWidth));
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
  }, [camera, segment]);

  const counts = new Map<number, number>();
  for (const label of shown?.segmented.labels ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  return (
    <>
      <header>
        <span className="brand">Auxcell playground</span>
        <span>{segmenter?.manifest.name}</span>
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
          <button type="button" onClick={() => setCamera(!camera)} disabled={!segmenter}>
            {camera ? 'stop the camera' : 'use the camera'}
          </button>
          {segmenter?.manifest.samples.map((url, i) => (
            <button key={url} type="button" className="sample" onClick={() => void sample(url)}>
              <img src={url} alt={`sample ${i + 1}`} />
            </button>
          ))}
        </div>
        <p className="hint" aria-live="polite">
          {trouble ||
            (segmenter && shown
              ? `${segmenter.engine}: ${shown.segmented.milliseconds.toFixed(0)} ms at ${shown.picture.width}×${shown.picture.height}${rate === undefined ? '' : `, ${rate.toFixed(1)} frames per second`}`
              : 'opening the model…')}
        </p>
        <div className="result">
          <Overlay shown={shown} segmenter={segmenter} opacities={opacities} />
          <ul className="legend">
            {segmenter?.manifest.classes.map(({ name, colour: [r, g, b] }, k) => (
              <li key={name}>
                <label>
                  <svg width="14" height="14" aria-hidden="true">
                    <rect width="14" height="14" fill={`rgb(${r} ${g} ${b})`} />
                  </svg>{' '}
                  {name} <small>{shown ? `${((100 * (counts.get(k) ?? 0)) / shown.segmented.labels.length).toFixed(1)} %` : ''}</small>
                  <input
                    type="range"
                    min="0"
                    max="1"
                    step="0.05"
                    value={opacities[k] ?? 0}
                    aria-label={`opacity of ${name}`}
                    onChange={({ target }) => setOpacities(opacities.map((o, i) => (i === k ? Number(target.value) : o)))}
                  />
                </label>
              </li>
            ))}
          </ul>
        </div>
      </main>
    </>
  );
}

interface OverlayProps {
  readonly shown: Shown | undefined;
  readonly segmenter: Segmenter | undefined;
  readonly opacities: readonly number[];
}

/** The picture under its labels' colours. The labels stand in the element's `labels` too, for whoever wants to compare. */
function Overlay({ shown, segmenter, opacities }: OverlayProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !shown || !segmenter) return;
    const { picture, segmented } = shown;
    const mixed = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
    segmented.labels.forEach((label, i) => {
      const [opacity, colour] = [opacities[label] ?? 0, segmenter.manifest.classes[label]?.colour ?? [0, 0, 0]];
      for (let c = 0; c < 3; c++) mixed.data[4 * i + c] = (1 - opacity) * (picture.data[4 * i + c] ?? 0) + opacity * (colour[c] ?? 0);
    });
    element.width = picture.width;
    element.height = picture.height;
    element.getContext('2d')?.putImageData(mixed, 0, 0);
    Object.assign(element, { labels: segmented.labels });
    element.dataset['ready'] = 'true';
  }, [shown, segmenter, opacities]);
  return <canvas ref={canvas} className="overlay" role="img" aria-label="the picture with its classes in colours" />;
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Playground />);
