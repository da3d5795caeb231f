import { execFile, spawn } from 'node:child_process';
import { createCipheriv, createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Way } from './sessions.ts';

const run = promisify(execFile);

/** How many license files one `relay add` gets. */
const perAdd = 100;

/**
 * Starts Keygen Relay with as many licenses as the other pools have seats, and gives the way to it over HTTP. Relay hands out
 * signed license files, so this signs some of its own.
 *
 * @param binary the path of `relay`, which this project does not include
 */
export const startRelay = async (
  binary: string,
  licenses: number,
): Promise<{ way: Way; stop: () => Promise<unknown> }> => {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-relay-'));
  const database = ['--database', join(directory, 'relay.sqlite')];
  const { publicKey, files } = await writeLicenses(directory, licenses);
  for (let at = 0; at < files.length; at += perAdd) {
    const some = files.slice(at, at + perAdd);
    const list = (name: 'file' | 'key') => some.map((license) => license[name]).join();
    await run(binary, ['add', ...database, '--file', list('file'), '--key', list('key'), '--public-key', publicKey]);
  }
  const port = await freePort();
  const relay = spawn(binary, ['serve', ...database, '--port', String(port), '--ttl', '120s'], { stdio: 'ignore' });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const call = caller(agent, port);
  const stop = async () => {
    agent.destroy();
    relay.kill();
    await rm(directory, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    const answered = await call('GET', 'health', 200).then(
      () => true,
      () => false,
    );
    if (answered) break;
    if (tries > 50) throw new Error(`${binary} does not answer.`);
    await setTimeout(100);
  }
  return {
    way: {
      activate: async (sessionId) => {
        await call('PUT', `nodes/${sessionId}`, 201);
        return { seat: 0, fence: 0 };
      },
      heartbeat: (sessionId) => call('PUT', `nodes/${sessionId}`, 202),
      release: (sessionId) => call('DELETE', `nodes/${sessionId}`, 204),
    },
    stop,
  };
};

/** Writes license files as Keygen makes them: encrypted by a license key, signed with Ed25519. */
const writeLicenses = async (directory: string, count: number) => {
  const keys = generateKeyPairSync('ed25519');
  const publicKey = Buffer.from(keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  const files = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const key = randomUUID();
      const issued = new Date(Date.now() - 60_000).toISOString();
      const dataset = {
        data: { id: randomUUID(), type: 'licenses', attributes: { key } },
        meta: { issued, expiry: null, ttl: null },
      };
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(key).digest(), iv);
      const secret = Buffer.concat([cipher.update(JSON.stringify(dataset)), cipher.final()]);
      const enc = [secret, iv, cipher.getAuthTag()].map((part) => part.toString('base64')).join('.');
      const sig = sign(null, Buffer.from(`license/${enc}`), keys.privateKey).toString('base64');
      const payload = Buffer.from(JSON.stringify({ enc, sig, alg: 'aes-256-gcm+ed25519' })).toString('base64');
      const file = join(directory, `${index}.lic`);
      await writeFile(file, `-----BEGIN LICENSE FILE-----\n${payload}\n-----END LICENSE FILE-----\n`);
      return { file, key };
    }),
  );
  return { publicKey, files };
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const caller =
  (agent: Agent, port: number) =>
  (method: string, path: string, expected: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request({ agent, host: '127.0.0.1', port, method, path: `/v1/${path}` }, (response) => {
        response.resume().on('end', () => {
          if (response.statusCode === expected) resolve();
          else reject(new Error(`Relay answered ${method} ${path} with ${response.statusCode}`));
        });
      });
      sent.on('error', reject);
      sent.end();
    });
