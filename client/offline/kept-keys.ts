import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import type { Client } from '../client.ts';
import type { CallOptions } from '../send.ts';

/** The public keys that `keepKeys` wrote to a file; none if it did not yet. */
export const keptKeys = async (file: string): Promise<JSONWebKeySet> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { keys: [] };
    throw error;
  }
};

/**
 * Asks the service for the keys that offline licenses are verified with, and keeps them in a file for the time without a
 * network. Whoever can write that file can make licenses: keep it where your program's own files are.
 */
export const keepKeys = async (client: Client, file: string, options?: CallOptions): Promise<JSONWebKeySet> => {
  const keys: JSONWebKeySet = await client.jwks(undefined, options);
  const temporary = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(temporary, JSON.stringify(keys));
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return keys;
};
