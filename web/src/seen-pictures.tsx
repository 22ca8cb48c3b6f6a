// What a network sees in images, with their truth and with what is wrong; the classes and depths under the pointer.

import { useEffect, useMemo, useRef, useState } from 'react';
import { backgroundLabel, channelNames } from '../../src/core/task/channels.js';
import { sideColours } from '../../src/core/task/skeleton-drawing.js';
import type { TaskDescription } from '../../src/core/task/description.js';
import { DepthScale, depthText } from './depth-scale';
import { depthGrades, labelLayer, type Layer, paintLayer, wrongColour, wrongDepths, wrongLabels } from './picture-layers';
import { labelsOf, metresOf, noLabel, usePixels } from './pixels-of-address';
import { Swatch } from './swatch';
import './pictures.css';

/** How strongly what is seen lies over its photograph: labels let it through, depth takes its place. */
const opacityOf = { segmentation: 0.6, pose: 1, depth: 1 } as const;

/** An image: the addresses of its photograph, its truth and what was predicted. */
export interface SeenPicture {
  readonly key: string;
  readonly title: string;
  readonly photo: string;
  readonly truth: string;
  readonly prediction: string;
}

export interface SeenPicturesProps {
  readonly output: TaskDescription;
  readonly pictures: readonly SeenPicture[];
}

export function SeenPictures({ output, pictures }: SeenPicturesProps) {
  const [opacity, setOpacity] = useState<number>(opacityOf[output.task]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(() => {
    const background = backgroundLabel(output);
    return new Set(background === undefined ? [] : [background]);
  });
  const [under, setUnder] = useState('');
  const pixels = usePixels(output.task === 'pose' ? [] : pictures.flatMap(({ truth, prediction }) => [truth, prediction]));
  const scenes = useMemo(
    () => pictures.map(({ truth, prediction }) => sceneOf(output, pixels.get(truth), pixels.get(prediction))),
    [output, pictures, pixels],
  );
  const names = channelNames(output);
  const toggle = (label: number): void =>
    setHidden((before) => {
      const next = new Set(before);
      if (!next.delete(label)) next.add(label);
      return next;
    });
  return (
    <>
      <div className="tools">
        <label>
          opacity{' '}
          <input type="range" min="0" max="1" step="0.05" value={opacity} onChange={({ target }) => setOpacity(Number(target.value))} />{' '}
          <output>{`${Math.round(100 * opacity)} %`}</output>
        </label>
        <output className="under" data-fact="under" aria-live="off">
          {under || (output.task === 'pose' ? '' : 'point at a picture')}
        </output>
      </div>
      {output.task === 'depth' && <DepthScale range={output} />}
      {output.task === 'segmentation' && (
        <ul className="key" aria-label="classes">
          {names.map((name, label) => (
            <li key={name}>
              <label>
                <input type="checkbox" checked={!hidden.has(label)} onChange={() => toggle(label)} /> <Swatch label={label} /> {name}
              </label>
            </li>
          ))}
          <li>
            <Swatch colour={wrongColour} /> another class than the truth
          </li>
        </ul>
      )}
      {output.task === 'depth' && (
        <ul className="key" aria-label="errors of depth">
          {depthGrades.map(({ name, colour }) => (
            <li key={name}>
              <Swatch colour={colour} /> wrong {name}
            </li>
          ))}
        </ul>
      )}
      {output.task === 'pose' && (
        <ul className="key" aria-label="sides of the body">
          {Object.entries(sideColours).map(([side, css]) => (
            <li key={side}>
              <Swatch css={css} /> {side}
            </li>
          ))}
        </ul>
      )}
      <div className="pictures">
        {pictures.map(({ key, title: name, photo, truth, prediction }, place) => {
          const scene = scenes[place];
          const layers = scene?.layers((label) => !hidden.has(label));
          const parts = [
            { what: 'truth', source: truth, layer: layers?.truth },
            { what: 'prediction', source: prediction, layer: layers?.prediction },
            ...(output.task === 'pose' ? [] : [{ what: 'errors', source: '', layer: layers?.errors }]),
          ];
          return (
            <figure key={key}>
              <figcaption>{name}</figcaption>
              <div className="parts">
                {parts.map(({ what, source, layer }) => (
                  <div className="stack" key={what}>
                    <img src={photo} alt={what === 'truth' ? `photograph: ${name}` : ''} />
                    {output.task === 'pose' ? (
                      <Overlay source={source} what={what} opacity={opacity} />
                    ) : (
                      <Painted
                        what={what}
                        size={scene}
                        layer={layer}
                        opacity={what === 'errors' ? 1 : opacity}
                        onPoint={(pixel) => setUnder(scene && pixel !== undefined ? scene.text(pixel) : '')}
                      />
                    )}
                    <span>{what}</span>
                  </div>
                ))}
              </div>
            </figure>
          );
        })}
      </div>
    </>
  );
}

interface Scene {
  readonly width: number;
  readonly height: number;
  layers(isShown: (label: number) => boolean): { readonly truth: Layer; readonly prediction: Layer; readonly errors: Layer };
  /** What is under the pointer. */
  text(pixel: number): string;
}

/** Undefined until both have come. */
function sceneOf(output: TaskDescription, truthPixels: ImageData | undefined, seenPixels: ImageData | undefined): Scene | undefined {
  if (!truthPixels || !seenPixels || output.task === 'pose') return undefined;
  const { width, height } = truthPixels;
  if (output.task === 'depth') {
    const [truth, seen] = [metresOf(truthPixels, output), metresOf(seenPixels, output)];
    const coloured =
      (pixels: ImageData): Layer =>
      (i) => [pixels.data[4 * i] ?? 0, pixels.data[4 * i + 1] ?? 0, pixels.data[4 * i + 2] ?? 0];
    const layers = { truth: coloured(truthPixels), prediction: coloured(seenPixels), errors: wrongDepths(truth, seen) };
    return {
      width,
      height,
      layers: () => layers,
      text: (i) => `truth: ${depthText(truth[i])}; prediction: ${depthText(seen[i])}`,
    };
  }
  const names = channelNames(output);
  const [truth, seen] = [labelsOf(truthPixels, names.length), labelsOf(seenPixels, names.length)];
  const nameAt = (labels: Uint8Array, i: number): string => names[labels[i] ?? noLabel] ?? 'no label';
  return {
    width,
    height,
    layers: (isShown) => ({ truth: labelLayer(truth, isShown), prediction: labelLayer(seen, isShown), errors: wrongLabels(truth, seen) }),
    text: (i) => `truth: ${nameAt(truth, i)}; prediction: ${nameAt(seen, i)}`,
  };
}

/** A drawing of joints as it came. */
function Overlay({ source, what, opacity }: { readonly source: string; readonly what: string; readonly opacity: number }) {
  const show = (element: HTMLImageElement | null): void => element?.style.setProperty('opacity', String(opacity));
  return <img ref={show} src={source} alt={`its ${what}`} />;
}

interface PaintedProps {
  readonly what: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly layer: Layer | undefined;
  readonly opacity: number;
  /** @param pixel under the pointer; undefined: it has left */
  readonly onPoint: (pixel: number | undefined) => void;
}

function Painted({ what, size, layer, opacity, onPoint }: PaintedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || !size || !layer) return;
    paintLayer(canvas.current, size, layer, opacity);
    canvas.current.dataset['ready'] = 'true';
  }, [size, layer, opacity]);
  const point = ({ currentTarget, clientX, clientY }: React.PointerEvent<HTMLCanvasElement>): void => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const at = (v: number, of: number): number => Math.max(0, Math.min(of - 1, Math.floor(v * of)));
    if (size) onPoint(at((clientY - top) / height, size.height) * size.width + at((clientX - left) / width, size.width));
  };
  return <canvas ref={canvas} role="img" aria-label={what} onPointerMove={point} onPointerLeave={() => onPoint(undefined)} />;
}
