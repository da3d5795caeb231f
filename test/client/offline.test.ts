import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConnectionFailed, createClient } from '../../client/index.ts';
import {
  type AnyLicense,
  claimOfflineLicense,
  keepKeys,
  keptKeys,
  verifyLicense,
  withAnyLicense,
} from '../../client/offline/index.ts';
import { seeTime } from '../../client/offline/last-seen.ts';
import { takeLock } from '../../client/offline/lock.ts';
import { startService } from './service.ts';

const signing = await generateKeyPair('EdDSA');
const other = await generateKeyPair('EdDSA');
const keys: JSONWebKeySet = {
  keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'present', alg: 'EdDSA', use: 'sig' }],
};
const now = Math.floor(Date.now() / 1000);
const product = 'KRE';
const machineId = 'press-3';

interface Made {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: CryptoKey;
}
const licenseFile = ({ claims = {}, header = {}, key = signing.privateKey }: Made = {}): Promise<string> =>
  new SignJWT({
    iss: 'urn:leasehold',
    sub: machineId,
    jti: 'off_1',
    iat: now - 60,
    nbf: now - 60,
    exp: now + 3600,
    product,
    machineId,
    organizationId: 'org_1',
    licenseType: 'floating',
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'leasehold-license+jwt', kid: 'present', ...header })
    .sign(key);

const folderWith = async (...made: Made[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-offline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [n, one] of made.entries()) writeFileSync(join(folder, `${n}.lic`), await licenseFile(one));
  return { folder, options: { folder, keys, product, machineId } };
};
const setClock = (ms: number) => {
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
};

describe('a license file', () => {
  it('is good on its machine, for its product, in its time', async () => {
    const { options } = await folderWith({});
    const hold = await claimOfflineLicense(options);
    expect(hold.license).toEqual({
      id: 'off_1',
      organizationId: 'org_1',
      product,
      machineId,
      userId: undefined,
      licenseType: 'floating',
      issuedAt: new Date((now - 60) * 1000),
      expiresAt: new Date((now + 3600) * 1000),
    });
    await hold.release();
  });

  it.each<[string, Made]>([
    ['wrong-machine', { claims: { sub: 'press-4', machineId: 'press-4' } }],
    ['wrong-machine', { claims: { machineId: 'press-4' } }],
    ['wrong-product', { claims: { product: 'KSE' } }],
    ['wrong-issuer', { claims: { iss: 'urn:other' } }],
    ['expired', { claims: { exp: now - 1 } }],
    ['not-yet-valid', { claims: { nbf: now + 3000 } }],
    ['bad-signature', { key: other.privateKey }],
    ['unknown-key', { header: { kid: 'former' } }],
    ['not-a-license', { header: { typ: 'JWT' } }],
    ['not-a-license', { claims: { jti: undefined } }],
    ['not-a-license', { claims: { exp: undefined } }],
  ])('is refused as %s', async (reason, made) => {
    const { options } = await folderWith(made);
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ name: 'OfflineLicenseRefused', reason });
  });

  it('is good a little before its beginning, since clocks differ, but never after its end', async () => {
    const { options } = await folderWith({ claims: { nbf: now + 200 } });
    await (await claimOfflineLicense(options)).release();
    const expected = { ...options, now: new Date((now + 200) * 1000) };
    await expect(verifyLicense(await licenseFile({ claims: { exp: now + 200 } }), expected)).rejects.toMatchObject({
      reason: 'expired',
    });
  });

  it('signed with a public key as the secret is not valid', async () => {
    const { folder, options } = await folderWith();
    const secret = new TextEncoder().encode(JSON.stringify(keys.keys[0]));
    const forged = await new SignJWT({ iss: 'urn:leasehold', sub: machineId, jti: 'x', product, machineId })
      .setProtectedHeader({ alg: 'HS256', typ: 'leasehold-license+jwt', kid: 'present' })
      .sign(secret);
    writeFileSync(join(folder, 'a.lic'), forged);
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'not-a-license' });
  });

  it('is found among others; a refusal is about the file that came closest', async () => {
    const expired = { claims: { exp: now - 1 } };
    const foreign = { claims: { product: 'KSE' } };
    const { folder, options } = await folderWith(foreign, expired);
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'expired' });
    writeFileSync(join(folder, 'z.lic'), await licenseFile());
    await (await claimOfflineLicense(options)).release();
    rmSync(folder, { recursive: true });
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'no-file' });
  });

  it('aborts the signal of its user when it expires', async () => {
    const { options } = await folderWith({});
    vi.useFakeTimers({ now: now * 1000, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { signal, release } = await claimOfflineLicense(options);
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(signal.reason).toMatchObject({ reason: 'expired' });
    await release();
  });
});

describe('a clock that was set back', () => {
  it('is noticed at the next use, also if the license had expired before', async () => {
    const { options } = await folderWith({});
    setClock(7_200_000);
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'expired' });
    vi.useRealTimers();
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'clock-set-back' });
  });

  it('by less than an hour is a clock that was corrected', async () => {
    const { options } = await folderWith({});
    setClock(3_000_000);
    await (await claimOfflineLicense(options)).release();
    vi.useRealTimers();
    await (await claimOfflineLicense(options)).release();
  });

  it('is noticed although many processes note the time at once', async () => {
    const { folder } = await folderWith();
    const latest = 1_800_000_000_000;
    const times = Array.from({ length: 30 }, (_, n) => new Date(latest - 60_000 * ((n * 7) % 30)));
    await Promise.all(times.map((time) => seeTime(folder, time)));
    expect(await seeTime(folder, new Date(latest - 3_600_001))).toEqual({ setBack: true });
    expect(await seeTime(folder, new Date(latest - 3_600_000))).toEqual({ setBack: false });
    expect(readdirSync(folder)).toEqual([`seen-${latest}`]);
  });
});

/** A process that claims a license and holds it until it is killed; resolves with the result of the claim. */
const claimer = (options: object) => {
  const script = `
    import { claimOfflineLicense } from ${JSON.stringify(join(import.meta.dirname, '../../client/offline/index.ts'))};
    const said = await claimOfflineLicense(${JSON.stringify(options)}).then(({ license }) => license.id, ({ reason }) => reason);
    console.log(said);
    setInterval(() => {}, 1000);
  `;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const said = new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk).trim()));
    child.once('close', () => reject(new Error(errors)));
  });
  const killed = async () => {
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  };
  return { said, killed };
};

describe('several files', () => {
  const three = [{ claims: { jti: 'off_1' } }, { claims: { jti: 'off_2' } }, { claims: { jti: 'off_3' } }];

  it('are as many sessions at once, of processes that come at once too', async () => {
    const { options } = await folderWith(...three);
    const claimers = Array.from({ length: 6 }, () => claimer(options));
    const said = await Promise.all(claimers.map((one) => one.said));
    expect(said.sort()).toEqual(['in-use', 'in-use', 'in-use', 'off_1', 'off_2', 'off_3']);
  });

  it('with the same license count as one', async () => {
    const { options } = await folderWith({}, {});
    const hold = await claimOfflineLicense(options);
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'in-use' });
    await hold.release();
    await hold.release();
    await (await claimOfflineLicense(options)).release();
  });

  it('of a process that was killed are free', async () => {
    const { options } = await folderWith({});
    const first = claimer(options);
    expect(await first.said).toBe('off_1');
    await expect(claimOfflineLicense(options)).rejects.toMatchObject({ reason: 'in-use' });
    await first.killed();
    await (await claimOfflineLicense(options)).release();
  });
});

describe('a lock', () => {
  it('is taken over from a dead process by exactly one of many, however often', async () => {
    const { folder } = await folderWith();
    for (let round = 0; round < 20; round++) {
      for (const file of readdirSync(folder)) rmSync(join(folder, file));
      writeFileSync(join(folder, `a.${round + 1}.lock`), JSON.stringify({ pid: 2 ** 22 + 1 }));
      const taken = await Promise.all(Array.from({ length: 10 }, () => takeLock(folder, 'a')));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([`a.${round + 2}.lock`]);
    }
  });

  it('has one owner at a time, however fast it changes hands', async () => {
    const { folder } = await folderWith();
    let holders = 0;
    let most = 0;
    const taker = async () => {
      for (let taken = 0; taken < 5; ) {
        const lock = await takeLock(folder, 'a');
        if (!lock) continue;
        taken++;
        most = Math.max(most, ++holders);
        await sleep(0);
        holders--;
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 12 }, taker));
    expect(most).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('of a process whose number another has now is free', async () => {
    const { folder } = await folderWith();
    writeFileSync(join(folder, 'a.1.lock'), JSON.stringify({ pid: process.pid, started: 'another-boot 1' }));
    expect(await takeLock(folder, 'a')).toBeDefined();
  });

  it('that its owner left half written is free', async () => {
    const { folder } = await folderWith();
    writeFileSync(join(folder, 'a.1.lock'), '{"pid":');
    expect(await takeLock(folder, 'a')).toBeDefined();
  });
});

describe('with any license', async () => {
  const { as, subscribe, credentials } = await startService();
  const nobody = createClient({ baseUrl: 'http://127.0.0.1:9', organizationId: 'acme', retries: { attempts: 1 } });
  const what = ({ offline }: AnyLicense) => offline?.id ?? 'online';

  it('a good file is used, and nothing is sent', async () => {
    const { folder } = await folderWith({});
    expect(await withAnyLicense(nobody, { product, machineId, offline: { folder, keys } }, what)).toBe('off_1');
    await expect(
      withAnyLicense(nobody, { product, machineId, offline: { folder, keys: { keys: [] } } }, what),
    ).rejects.toThrow(ConnectionFailed);
  });

  it('without a good file the service is asked, and the caller learns why', async () => {
    const { folder } = await folderWith({ claims: { exp: now - 1 } });
    const told = vi.fn();
    const options = { product: await subscribe(), machineId, offline: { folder, keys }, onOfflineRefused: told };
    expect(await withAnyLicense(as('apiKey'), options, what)).toBe('online');
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ reason: 'expired' }));
  });

  it('the file is free again after the work, also when it throws', async () => {
    const { folder } = await folderWith({});
    const options = { product, machineId, offline: { folder, keys } };
    const broken = withAnyLicense(nobody, options, () => {
      throw new Error('a bug');
    });
    await expect(broken).rejects.toThrow('a bug');
    expect(await withAnyLicense(nobody, options, what)).toBe('off_1');
  });

  it('the result is kept and the file is free, also if the state can’t be written at the end', async () => {
    const { folder } = await folderWith({});
    const onReleaseFailed = vi.fn();
    const options = { product, machineId, offline: { folder, keys }, onReleaseFailed };
    // A folder in the place of a file: the removal of earlier times fails.
    const obstacle = join(folder, '.leasehold', 'seen-1');
    const work = () => {
      mkdirSync(obstacle);
      return 'made';
    };
    expect(await withAnyLicense(nobody, options, work)).toBe('made');
    expect(onReleaseFailed).toHaveBeenCalledOnce();
    rmdirSync(obstacle);
    expect(await withAnyLicense(nobody, options, what)).toBe('off_1');
  });

  it('a file of the service is good, by its keys as they were kept when there was a network', async () => {
    const { folder } = await folderWith();
    const owner = as('owner');
    const sold = await subscribe();
    const { id, fileName } = await owner.issueOfflineLicense({ product: sold, machineId });
    writeFileSync(join(folder, fileName), await owner.getOfflineLicenseFile({ product: sold, licenseId: id }));
    const kept = join(folder, 'keys.json');
    expect(await keptKeys(kept)).toEqual({ keys: [] });
    await keepKeys(createClient({ baseUrl: credentials.baseUrl }), kept);
    const options = { product: sold, machineId, offline: { folder, keys: await keptKeys(kept) } };
    expect(await withAnyLicense(nobody, options, what)).toBe(id);
  });
});
