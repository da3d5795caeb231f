import type { Call, History } from './log.ts';

/** A call succeeded. */
export const isDone = ({ status }: Call): boolean => status !== null && status >= 200 && status < 300;

/** The shortest time limit of a function, ms. A function that has reached it is answered 503, and runs on. */
const timeLimitMs = 9_500;

/** The service has refused a call for good, or has never begun it: the call changed nothing. */
export const isRefused = ({ status, begin, end, over }: Call): boolean => {
  if (status === null) return over === begin;
  // An early 503 comes from a service that is starting.
  if (status === 503) return (end ?? begin) - begin < timeLimitMs;
  return status >= 400 && status < 500 && status !== 429;
};

/** A call may have done nothing, all, or a part of what it asks for. */
export const isOpen = (call: Call): boolean => !isDone(call) && !isRefused(call);

/** The admin's decisions that the schedule finishes if their request dies. */
const finished = new Set(['transfer', 'remove-machine', 'revoke', 'transfer-license', 'grant', 'issue']);

/** Returns when the request of a call had ended, epoch ms; if nobody saw that, until when its function may run. */
const requestEnd = (call: Call, { kills, settings }: History): number => {
  const { begin, end, status, over } = call;
  const seen = status === null ? over : status === 503 && isOpen(call) ? undefined : end;
  const kill = kills.find(({ at }) => at >= begin);
  return seen ?? Math.min(begin + settings.lingerMs, kill?.quiet ?? Number.POSITIVE_INFINITY);
};

/** Returns when the last copy of a call's requests to the database was served: some are late in a storm. */
const lastCopy = (call: Call, ended: number, { storms }: History): number =>
  Math.max(ended, ...storms.filter(({ from, to }) => from <= ended && to >= call.begin).map(({ quiet }) => quiet));

/**
 * Returns until when a call may write, epoch ms: until its request has ended, or, if nobody saw that, for as long as its function
 * may run, or until the service was killed.
 */
export const effectsEnd = (call: Call, history: History): number => {
  const ended = requestEnd(call, history);
  if (!isOpen(call)) return ended;
  if (call.op === 'remove-member') return Number.POSITIVE_INFINITY;
  return lastCopy(call, ended, history) + (finished.has(call.op) ? history.settings.scheduleMs : 0);
};

/**
 * Returns until when a call may hold a seat that no answer tells of, epoch ms: a request that died leaves its claim, and a client
 * that lost the answer does not know of it.
 *
 * @param heldMs how long such a claim lasts
 * @param ofSession the calls of the same session
 */
export const leftoverEnd = (call: Call, history: History, heldMs: number, ofSession: readonly Call[] = []): number => {
  const ended = requestEnd(call, history);
  if (!isOpen(call)) return ended;
  const last = lastCopy(call, ended, history);
  // The answer alone was lost: the next answer to the session tells whether it holds a seat.
  const next =
    call.over !== undefined && last === ended
      ? ofSession.filter(
          (other) => other.op === 'activate' && other.begin >= ended && !isOpen(other) && other.end !== null,
        )
      : [];
  return Math.min(last + heldMs, ...next.map(({ end }) => end as number));
};

/** A function of time that changes in steps. Intervals include their beginning, and exclude their end. */
export class Steps {
  readonly #changes: [at: number, by: number][] = [];
  #times: number[] = [];
  #values: number[] = [];

  add(from: number, to: number, by = 1): void {
    if (!(from < to)) return;
    this.#changes.push([from, by], [to, -by]);
    this.#times = [];
  }

  #build(): void {
    if (this.#times.length > 0 || this.#changes.length === 0) return;
    this.#changes.sort(([a], [b]) => a - b);
    let value = 0;
    this.#values = [];
    for (const [at, by] of this.#changes) {
      value += by;
      if (this.#times.at(-1) === at) this.#values[this.#values.length - 1] = value;
      else {
        this.#times.push(at);
        this.#values.push(value);
      }
    }
  }

  /** Returns the values from `from` to `to`, both included. */
  over(from: number, to: number): number[] {
    this.#build();
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) <= from) low = middle + 1;
      else high = middle;
    }
    const values = [low === 0 ? 0 : (this.#values[low - 1] as number)];
    for (let at = low; at < this.#times.length && (this.#times[at] as number) <= to; at++)
      values.push(this.#values[at] as number);
    return values;
  }

  /** Returns the times of change in an interval, with its beginning. */
  timesIn(from: number, to: number): number[] {
    this.#build();
    return [from, ...this.#times.filter((at) => at > from && at <= to)];
  }
}
