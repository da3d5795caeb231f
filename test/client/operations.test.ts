import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import {
  type Activation,
  ActivationEnded,
  Forbidden,
  type Input,
  InvalidRequest,
  LicenseQuotaExceeded,
  NotFound,
  type Operations,
  type Problem,
  type Session,
  Unauthenticated,
} from '../../client/index.ts';
import { clientApi } from '../../shared/contracts/client-api.ts';
import { operations } from '../../shared/contracts/operations.ts';
import type { ProblemCode } from '../../shared/contracts/problems.ts';
import type { Activation as ActivationSchema } from '../../shared/contracts/schemas/activation.ts';
import type { Session as SessionSchema } from '../../shared/contracts/schemas/session.ts';
import type { setSubscription } from '../../shared/contracts/set-subscription.ts';
import { startService } from './service.ts';

const { as, subscribe, credentials } = await startService();
const machineId = 'runner-1';

describe('client/api.ts', () => {
  it('agrees with the contracts: `npm run openapi` writes it', () => {
    expect(readFileSync('client/api.ts', 'utf8')).toBe(clientApi());
  });
  it('has the types of the contracts', () => {
    expectTypeOf<Activation>().toEqualTypeOf<z.infer<typeof ActivationSchema>>();
    expectTypeOf<Session>().toEqualTypeOf<z.infer<typeof SessionSchema>>();
    expectTypeOf<Problem['code']>().toEqualTypeOf<ProblemCode>();
    type Terms = z.input<(typeof setSubscription)['input']['body']>;
    expectTypeOf<Omit<Input<'setSubscription'>, 'organizationId' | 'product'>>().toEqualTypeOf<Terms>();
  });
  it('has every operation, as a method', () => {
    const client = as('user');
    for (const { name } of operations) expect(client[name as keyof Operations], name).toBeInstanceOf(Function);
  });
});

describe('the client', () => {
  it('takes a license, keeps it, looks at it and gives it back', async () => {
    const product = await subscribe();
    const runner = as('apiKey');
    const { status, body } = await runner.call('activate', { product, machineId });
    expect(status).toBe(201);
    const { sessionId, seat, fence } = body as Activation;
    expect(await runner.heartbeat({ product, sessionId, seat, fence })).toMatchObject({ status: 'active', sessionId });
    expect(await as('owner').listActivations({ product })).toMatchObject({ items: [{ sessionId }] });
    await runner.deactivate({ product, sessionId });
    await runner.deactivate({ product, sessionId });
    expect(await runner.getActivation({ product, sessionId })).toMatchObject({ endedReason: 'released' });
    const late = await runner.heartbeat({ product, sessionId, seat, fence }).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(ActivationEnded);
    expect(late).toMatchObject({ endedReason: 'released', requestId: expect.stringMatching(/./) });
  });

  it('learns when the next license is free', async () => {
    const product = await subscribe({ quota: 1 });
    await as('apiKey').activate({ product, machineId });
    const refused = await as('owner')
      .activate({ product, machineId })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LicenseQuotaExceeded);
    expect(refused).toMatchObject({ quota: 1, inUse: 1, holders: [{ machineId }], nextFreeAt: expect.any(Date) });
  });

  it('iterates over lists of several pages', async () => {
    const product = await subscribe({ quota: 5 });
    for (const sessionId of ['a', 'b', 'c', 'd', 'e']) await as('apiKey').activate({ product, machineId, sessionId });
    const seen: string[] = [];
    for await (const { sessionId } of as('owner').listActivations({ product, limit: 2 })) seen.push(sessionId);
    expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('reads sessions as a file', async () => {
    let text = '';
    for await (const piece of as('owner').listSessionsCsv({ product: await subscribe() })) text += piece;
    expect(text).toBe('Username,User email,Session ID,Machine ID,License type,Started timestamp,Duration\r\n');
  });

  it('reads the file of an offline license as text', async () => {
    const product = await subscribe();
    const owner = as('owner');
    const { id } = await owner.issueOfflineLicense({ product, machineId });
    expect(await owner.getOfflineLicenseFile({ product, licenseId: id })).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\s*$/);
  });

  it('throws each refusal as its class', async () => {
    const product = await subscribe();
    await expect(as('apiKey').listMachines({ product }).then()).rejects.toThrow(Forbidden);
    await expect(as('owner').getSubscription({ product: 'NONE' })).rejects.toThrow(NotFound);
    await expect(as('owner', { credential: 'lh_a_b' }).getSubscription({ product })).rejects.toThrow(Unauthenticated);
    const wrong = await as('apiKey')
      .activate({ product, machineId: 'a b' })
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(InvalidRequest);
    expect(wrong).toMatchObject({ errors: [{ pointer: '/body/machineId' }] });
  });

  it('needs no credential for public operations', async () => {
    const anyone = as('user', { credential: undefined as never });
    expect(await anyone.health()).toEqual({ status: 'ok' });
    expect(await anyone.jwks()).toMatchObject({ keys: [{ alg: 'EdDSA' }] });
    expect(credentials.baseUrl).toMatch(/^http/);
  });
});
