import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import type { Client } from '../client.ts';
import type { CallOptions } from '../send.ts';

/** Reads the public keys that `keepKeys` wrote; empty if there is no file. */
export const keptKeys = async (file: string): Promise<JSONWebKeySet> => {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8'));
    if (!Array.isArray(kept?.keys)) throw new TypeError('it has no list of keys');
    return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { keys: [] };
    throw error;
  }
};

/**
 * Fetches the keys that verify offline licenses, and saves them in a file for use without a network. A person who can write
 * this file can make licenses: keep it with your program's own files.
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
