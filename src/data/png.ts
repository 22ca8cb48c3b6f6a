// PNG files whose values mean something, as they are stored.

import { readFile } from 'node:fs/promises';
import { decode } from 'fast-png';
import { fileError } from './image.js';

/** @param remedy for messages: what the file should be @throws DataError naming the file */
export async function readPng(file: string, remedy: string): Promise<ReturnType<typeof decode>> {
  try {
    return decode(await readFile(file));
  } catch (error) {
    throw fileError(file, error, remedy);
  }
}
