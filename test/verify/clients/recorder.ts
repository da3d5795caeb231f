import { createWriteStream, type WriteStream } from 'node:fs';
import type { Answer, Call, Entry } from '../check/log.ts';

interface Request {
  method: string;
  path: string;
  token: string;
  body?: object;
  key?: string;
  /** After how long the client gives up, ms. */
  patienceMs?: number;
  /** The answer is lost on its way: the client never learns it. */
  losesAnswer?: boolean;
}

/** Calls the service, and logs each call with its answer. */
export class Recorder {
  readonly entries: Entry[] = [];
  /** The statuses of all answers, with how often each came. */
  readonly statuses: Record<string, number> = {};
  /** How long answered calls took, ms, with the time of their end. */
  readonly latencies: [at: number, ms: number][] = [];
  baseUrl = '';
  #n = 0;
  readonly #file: WriteStream | undefined;

  constructor(file?: string) {
    this.#file = file === undefined ? undefined : createWriteStream(file);
  }

  log(entry: Entry): void {
    this.entries.push(entry);
    this.#file?.write(`${JSON.stringify(entry)}\n`);
  }

  /** Sends a request once. Its call has no status if no answer came. */
  async call(about: Omit<Call, 'kind' | 'n' | 'begin' | 'end' | 'status' | 'answer'>, request: Request): Promise<Call> {
    this.#n++;
    const call: Call = { kind: 'call', n: this.#n, ...about, begin: Date.now(), end: null, status: null };
    try {
      const { status, body } = await this.send(request);
      if (request.losesAnswer) call.over = Date.now();
      else {
        call.end = Date.now();
        call.status = status;
        if (body !== undefined) call.answer = pickAnswer(body);
      }
    } catch (error) {
      // No answer: the call may have happened or not.
      if (((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED') call.over = call.begin;
    }
    this.statuses[`${call.op} ${call.status ?? 'no answer'}`] =
      (this.statuses[`${call.op} ${call.status ?? 'no answer'}`] ?? 0) + 1;
    if (call.end !== null) this.latencies.push([call.end, call.end - call.begin]);
    this.log(call);
    return call;
  }

  /** Sends a request that is not part of the history. */
  async send({ method, path, token, body, key, patienceMs = 30_000 }: Request) {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file) await new Promise<void>((resolve) => file.end(resolve));
  }
}

const names = [
  'code',
  'endedReason',
  'seat',
  'fence',
  'machineId',
  'activatedAt',
  'leaseExpiresAt',
  'waitsUntil',
  'licensedAt',
  'id',
  'issuedAt',
  'expiresAt',
] as const satisfies readonly (keyof Answer)[];

const pickAnswer = (body: Record<string, unknown>): Answer =>
  Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
