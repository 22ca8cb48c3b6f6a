// Event files for TensorBoard, read back byte by byte.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { trialsCommand } from '../../src/cli/trials.js';
import { EventFile } from '../../src/library/tensorboard/event-file.js';
import { crc32c, maskedCrc } from '../../src/library/tensorboard/record.js';
import { epochScalars } from '../../src/library/tensorboard/search-events.js';
import { makeRun } from '../cli/made-run.js';
import { temporaryFolder } from '../data/fixtures.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test('CRC-32C as in RFC 3720, B.4, and of the check value', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
});

interface Read {
  wallTime: number;
  step: number;
  version: string;
  scalars: Record<string, number>;
  images: Record<string, { width: number; height: number; png: Uint8Array }>;
}

/** What the wire says, field by field. */
function fields(bytes: Uint8Array): [number, BinaryReader][] {
  const reader = new BinaryReader(bytes);
  const found: [number, BinaryReader][] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const from = reader.pos;
    reader.skip(wire, field);
    found.push([field, new BinaryReader(bytes.subarray(from, reader.pos))]);
  }
  return found;
}

function readEvent(bytes: Uint8Array): Read {
  const event: Read = { wallTime: 0, step: 0, version: '', scalars: {}, images: {} };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) event.wallTime = value.double();
    if (field === 2) event.step = Number(value.int64());
    if (field === 3) event.version = value.string();
    if (field !== 5) continue;
    for (const [, part] of fields(value.bytes())) {
      let tag = '';
      for (const [name, content] of fields(part.bytes())) {
        if (name === 1) tag = content.string();
        if (name === 2) event.scalars[tag] = content.float();
        if (name !== 4) continue;
        const image: Read['images'][string] = { width: 0, height: 0, png: new Uint8Array() };
        for (const [key, inner] of fields(content.bytes())) {
          if (key === 1) image.height = inner.int32();
          if (key === 2) image.width = inner.int32();
          if (key === 4) image.png = inner.bytes();
        }
        event.images[tag] = image;
      }
    }
  }
  return event;
}

async function readEvents(folder: string): Promise<Read[]> {
  const [name = ''] = await readdir(folder);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\.auxcell$/);
  const bytes = await readFile(path.join(folder, name));
  const events: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    events.push(readEvent(data));
    at += length + 16;
  }
  return events;
}

describe('event files', () => {
  test('of a search that is there: a step a trial, and the same file once more', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { folder } = await makeRun();
    await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
      .png()
      .toFile(path.join(folder, 'predictions.png'));
    const out = await temporaryFolder();
    await trialsCommand(folder, { tensorboard: path.join(out, 'tb') });
    await trialsCommand(folder, { tensorboard: path.join(out, 'tb') });
    const [first, ...events] = await readEvents(path.join(out, 'tb'));
    expect(first?.version).toBe('brain.Event:2');
    expect(events.map(({ step }) => step)).toEqual([1, 2, 3, 3]);
    expect(events[0]?.wallTime).toBeGreaterThan(1.7e9);
    expect(events[0]?.scalars).toMatchObject({
      reward: 0.125,
      'reward/best': 0.125,
      failed: 0,
      'metrics/meanIoU': 0.125,
      'metrics/pixelAccuracy': 0.75,
      'cost/parameters': 2_000_000,
      'seconds/training': 10,
      'policy/entropy': 2,
    });
    expect(events[1]?.scalars).toMatchObject({ reward: 0, 'reward/best': 0.125, failed: 1 });
    expect(events[2]?.scalars['reward/best']).toBe(0.375);
    const picture = events[3]?.images['predictions of the best'];
    expect([picture?.width, picture?.height]).toEqual([20, 10]);
    expect((await sharp(picture?.png).metadata()).width).toBe(20);
  });

  test('as it goes: readable after every step; what is not finite is left out', async () => {
    const folder = path.join(await temporaryFolder(), 'live');
    const events = new EventFile(folder);
    events.add({ step: 1, scalars: epochScalars({ epoch: 1, loss: 0.5, seconds: 2 }) });
    expect((await readEvents(folder)).length).toBe(2);
    events.add({ step: 2, scalars: epochScalars({ epoch: 2, loss: Number.NaN, seconds: 2, metrics: { meanIoU: 0.25 } }) });
    const [, one, two] = await readEvents(folder);
    expect([one?.step, one?.scalars]).toEqual([1, { loss: 0.5, 'seconds/epoch': 2 }]);
    expect([two?.step, two?.scalars]).toEqual([2, { 'seconds/epoch': 2, 'metrics/meanIoU': 0.25 }]);
  });

  test('a folder that cannot be written is named', async () => {
    const file = path.join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    expect(() => new EventFile(path.join(file, 'tb'))).toThrow(/tb: events cannot be written there/);
  });
});

test('CSV: a line a trial, what has commas and quotes within quotes; nothing is written over', async () => {
  const { folder, trials } = await makeRun();
  const file = path.join(await temporaryFolder(), 'trials.csv');
  await trialsCommand(folder, { csv: file });
  const [head = '', ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(rows).toHaveLength(trials.length);
  expect(head).toMatch(/^index,reward,meanIoU,.*,error,genotype$/);
  expect(rows[1]).toContain('"the loss is not finite, ""NaN"""');
  await expect(trialsCommand(folder, { csv: file })).rejects.toThrow(/trials\.csv/);
  await trialsCommand(folder, { csv: file, best: '1', overwrite: true });
  expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
});
