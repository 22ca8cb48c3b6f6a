// The library's profile of this machine: what it refuses before anything is measured, and files that are none.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { profileDevice, readDeviceProfile } from '../../src/library/device.js';
import { temporaryFolder } from '../data/fixtures.js';

test("the processor's time of several threads, which is no latency", async () => {
  await expect(profileDevice({ preset: 'demo', threads: 2, clock: 'processor' })).rejects.toThrow(
    "the processor's time of 2 threads is no latency; measure with 1 thread, or by the time of day",
  );
});

test('images that are too small for the encoder', async () => {
  await expect(profileDevice({ preset: 'demo', size: { width: 64, height: 16 } })).rejects.toThrow(
    'images of 64x16: the encoder needs 32x32 at least',
  );
});

test('a profile that is not there, or is none', async () => {
  const file = path.join(await temporaryFolder(), 'phone.device.json');
  await expect(readDeviceProfile(file)).rejects.toThrow(`${file}: cannot be read`);
  await writeFile(file, '[1, 2]');
  await expect(readDeviceProfile(file)).rejects.toThrow(`${file}: is no device profile that this version reads`);
});
