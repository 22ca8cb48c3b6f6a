// What a model sees, drawn over its picture: labels in their colours, a skeleton, or depth on its colour scale.

import { useEffect, useRef, useState } from 'react';
import { depthColour } from '../../src/core/data/palette.js';
import type { Box } from '../../src/core/data/person.js';
import type { PlaygroundManifest } from '../../src/server/playground.js';
import { backgroundLabel, channelNames } from '../../src/core/task/channels.js';
import { skeletonOf } from '../../src/core/task/skeleton-drawing.js';
import type { Depiction } from '../../src/core/task/task.js';
import { DepthScale, depthText } from './depth-scale';
import { DownloadButton } from './download-button';
import type { Seen } from './page-model';
import { Swatch } from './swatch';
import './pictures.css';

export type Shown = { readonly picture: ImageData; readonly seen: Seen };

export interface SeenViewProps {
  readonly shown: Shown | undefined;
  readonly manifest: PlaygroundManifest;
  /** Of the person whose pose is shown. */
  readonly box: Box | undefined;
  /** Somebody was framed; undefined: nobody any more. */
  readonly onBox: (box: Box | undefined) => void;
}

export function SeenView({ shown, manifest, box, onBox }: SeenViewProps) {
  const { classes, task } = manifest;
  const [opacities, setOpacities] = useState<readonly number[]>(() =>
    task.task === 'segmentation' ? classes.map((_, k) => (k === backgroundLabel(task) ? 0 : 0.6)) : [1],
  );
  const [under, setUnder] = useState('');
  const depiction = shown?.seen.depiction;
  const opacityOf = (k: number): number => opacities[k] ?? 0;
  const change = (k: number, opacity: number): void => setOpacities(opacities.map((o, i) => (i === k ? opacity : o)));
  return (
    <>
      {task.task === 'depth' ? (
        <DepthScale range={task} under={under} />
      ) : (
        <p className="under">
          <output data-fact="under">{under || 'point at the picture'}</output>
        </p>
      )}
      {task.task === 'pose' && (
        <p className="note">Somebody who does not fill the picture: drag a frame around them. A click takes the frame away.</p>
      )}
      <div className="result">
        <SeenCanvas
          shown={shown}
          manifest={manifest}
          opacities={opacities}
          box={box}
          onBox={onBox}
          onPoint={(x, y) => setUnder(shown && x !== undefined && y !== undefined ? underText(shown, manifest, x, y) : '')}
        />
        <div>
          {depiction && <DownloadButton depiction={depiction} task={task} />}
          <p className="note">{task.task === 'segmentation' ? 'share of the picture, and opacity' : 'opacity'}</p>
          <ul className="legend">
            {task.task === 'segmentation' ? (
              classes.map(({ name }, k) => (
                <li key={name}>
                  <OpacitySlider name={name} value={opacityOf(k)} onChange={(value) => change(k, value)}>
                    <Swatch label={k} /> {name} <small>{depiction?.kind === 'labels' ? shareOf(depiction.data, k) : ''}</small>
                  </OpacitySlider>
                </li>
              ))
            ) : (
              <li>
                <OpacitySlider name={task.task} value={opacityOf(0)} onChange={(value) => change(0, value)}>
                  {task.task}
                </OpacitySlider>
              </li>
            )}
            {task.task === 'pose' &&
              task.joints.map((name, k) => (
                <li key={name}>
                  {name} <small>{depiction?.kind === 'joints' ? `${(100 * (depiction.joints[3 * k + 2] ?? 0)).toFixed(0)} %` : ''}</small>
                </li>
              ))}
          </ul>
        </div>
      </div>
    </>
  );
}

/** What is at a pixel of the picture: a class, how sure, and what else it might be; the joint that is near. */
function underText({ seen: { depiction, probabilities } }: Shown, { task }: PlaygroundManifest, x: number, y: number): string {
  const { width, height } = depiction;
  const names = channelNames(task);
  switch (depiction.kind) {
    case 'depth':
      return depthText(depiction.metres[y * width + x]);
    case 'labels': {
      const [first, second] = Array.from(probabilities?.(x, y) ?? [], (share, k) => ({ share, name: names[k] ?? '' })).toSorted(
        (a, b) => b.share - a.share,
      );
      const text = (part: typeof first): string => (part ? `${part.name} ${(100 * part.share).toFixed(0)} %` : '');
      return second && second.share >= 0.01 ? `${text(first)}, ${text(second)}` : text(first);
    }
    case 'joints': {
      const { joints } = depiction;
      const near = names.flatMap((name, k) => {
        const distance = Math.hypot((joints[3 * k] ?? 0) - x, (joints[3 * k + 1] ?? 0) - y);
        const score = joints[3 * k + 2] ?? 0;
        return score > 0 && distance < 0.05 * Math.max(width, height) ? [{ name, distance, score }] : [];
      });
      const [joint] = near.toSorted((a, b) => a.distance - b.distance);
      return joint ? `${joint.name} ${(100 * joint.score).toFixed(0)} %` : '';
    }
  }
}

function shareOf(labels: Uint8Array, label: number): string {
  let count = 0;
  for (const l of labels) if (l === label) count++;
  return `${((100 * count) / labels.length).toFixed(1)} %`;
}

interface OpacitySliderProps {
  readonly name: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly children: React.ReactNode;
}

function OpacitySlider({ name, value, onChange, children }: OpacitySliderProps) {
  return (
    <label>
      {children} <output>{`${Math.round(100 * value)} %`}</output>
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={value}
        aria-label={`opacity of ${name}`}
        onChange={({ target }) => onChange(Number(target.value))}
      />
    </label>
  );
}

interface SeenCanvasProps extends SeenViewProps {
  /** By class; of other tasks one for all. */
  readonly opacities: readonly number[];
  /** Of the pixel under the pointer; nothing: it has left. */
  readonly onPoint: (x?: number, y?: number) => void;
}

/** What is drawn stands in the element's `labels`, `joints` or `metres` too, for whoever wants to compare. */
function SeenCanvas({ shown, manifest, opacities, box, onBox, onPoint }: SeenCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [from, setFrom] = useState<Point>();
  const [to, setTo] = useState<Point>();
  const isPose = manifest.task.task === 'pose';
  const drawn = from && to ? boxBetween(from, to) : box;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !shown) return;
    const { picture, seen } = shown;
    element.width = picture.width;
    element.height = picture.height;
    context.putImageData(mixed(picture, seen.depiction, manifest, opacities), 0, 0);
    if (seen.depiction.kind === 'joints') drawJoints(context, seen.depiction.joints, manifest, opacities[0] ?? 1);
    if (drawn) drawFrame(context, drawn);
    Object.assign(element, { labels: undefined, joints: undefined, metres: undefined }, valuesOf(seen.depiction));
    element.dataset['ready'] = 'true';
  }, [shown, manifest, opacities, drawn]);
  return (
    <canvas
      ref={canvas}
      className={isPose ? 'overlay framable' : 'overlay'}
      role="img"
      aria-label="the picture with what the model sees"
      onPointerDown={(event) => {
        if (!isPose) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(pointOf(event));
        setTo(undefined);
      }}
      onPointerMove={(event) => {
        const point = pointOf(event);
        if (from) setTo(point);
        onPoint(point.x, point.y);
      }}
      onPointerLeave={() => onPoint()}
      onPointerUp={(event) => {
        if (!from) return;
        const framed = boxBetween(from, pointOf(event));
        setFrom(undefined);
        setTo(undefined);
        onBox(framed.width < leastFrame || framed.height < leastFrame ? undefined : framed);
      }}
    />
  );
}

/** Of a canvas, in its own pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Frames that are smaller are clicks. */
const leastFrame = 8;

function pointOf({ currentTarget, clientX, clientY }: React.PointerEvent<HTMLCanvasElement>): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const within = (v: number, size: number): number => Math.max(0, Math.min(size - 1, Math.floor(v)));
  return {
    x: within(((clientX - left) * currentTarget.width) / width, currentTarget.width),
    y: within(((clientY - top) * currentTarget.height) / height, currentTarget.height),
  };
}

function boxBetween(a: Point, b: Point): Box {
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

function drawFrame(context: CanvasRenderingContext2D, { left, top, width, height }: Box): void {
  context.strokeStyle = '#fff';
  context.lineWidth = Math.max(1, context.canvas.width / 300);
  context.setLineDash([8, 5]);
  context.strokeRect(left + 0.5, top + 0.5, width, height);
  context.setLineDash([]);
}

function valuesOf(depiction: Depiction): object {
  switch (depiction.kind) {
    case 'labels':
      return { labels: depiction.data };
    case 'joints':
      return { joints: depiction.joints };
    case 'depth':
      return { metres: depiction.metres };
  }
}

/** The picture with every pixel's colour mixed in. */
function mixed(picture: ImageData, depiction: Depiction, { classes, task }: PlaygroundManifest, opacities: readonly number[]): ImageData {
  const image = new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  const paint = (i: number, opacity: number, [r = 0, g = 0, b = 0]: readonly number[]): void => {
    image.data[4 * i] = (1 - opacity) * (picture.data[4 * i] ?? 0) + opacity * r;
    image.data[4 * i + 1] = (1 - opacity) * (picture.data[4 * i + 1] ?? 0) + opacity * g;
    image.data[4 * i + 2] = (1 - opacity) * (picture.data[4 * i + 2] ?? 0) + opacity * b;
  };
  if (depiction.kind === 'labels')
    for (let i = 0; i < depiction.data.length; i++) {
      const label = depiction.data[i] ?? 0;
      const opacity = opacities[label] ?? 0;
      // What nobody wants to see is most of a large picture.
      if (opacity > 0) paint(i, opacity, classes[label]?.colour ?? []);
    }
  if (depiction.kind === 'depth' && task.task === 'depth')
    depiction.metres.forEach((metres, i) => {
      paint(i, opacities[0] ?? 1, depthColour(metres, task.minDepth, task.maxDepth));
    });
  return image;
}

function drawJoints(context: CanvasRenderingContext2D, joints: Float32Array, { task }: PlaygroundManifest, opacity: number): void {
  if (task.task !== 'pose') return;
  const { limbs, dots } = skeletonOf(joints, task);
  const { width, height } = context.canvas;
  context.lineWidth = Math.max(width, height) / 90;
  context.lineCap = 'round';
  for (const { from, to, colour, opacity: sureness } of limbs) {
    context.globalAlpha = opacity * sureness;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(from[0] + 0.5, from[1] + 0.5);
    context.lineTo(to[0] + 0.5, to[1] + 0.5);
    context.stroke();
  }
  for (const { at, colour, opacity: sureness } of dots) {
    context.globalAlpha = opacity * sureness;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(at[0] + 0.5, at[1] + 0.5, 1.2 * context.lineWidth, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}
