import { effectsEnd, isDone, isRefused } from './effects.ts';
import type { Call, History, Terms } from './log.ts';

/** The terms that may be in force: a register whose writes may be under way, or have an unknown outcome. */
export interface PossibleTerms {
  /** Returns each of the terms that may be in force at an instant from `from` to `to`, both included (epoch ms). */
  over: (from: number, to: number) => Terms[];
  /** Returns each of the times at which the possible terms change. */
  changes: () => number[];
  /** The calls that set terms. */
  writes: { call: Call; terms: Terms; until: number }[];
}

/**
 * Returns the terms that may be in force. A write may be in force from its beginning, until another write was answered that
 * began after the last effect of the first.
 */
export const possibleTerms = (history: History, product: string): PossibleTerms => {
  const asked = history.calls.flatMap((call) =>
    call.op === 'set-terms' && call.product === product && call.terms && !isRefused(call)
      ? [{ call, terms: call.terms, last: effectsEnd(call, history) }]
      : [],
  );
  const writes = asked.map(({ call, terms, last }) => {
    const superseding = asked
      .filter((other) => isDone(other.call) && other.call.begin >= last)
      .map((other) => other.call.end ?? Number.POSITIVE_INFINITY);
    return { call, terms, until: Math.min(Number.POSITIVE_INFINITY, ...superseding) };
  });
  return {
    writes,
    over: (from, to) => writes.filter(({ call, until }) => call.begin <= to && until > from).map(({ terms }) => terms),
    changes: () => writes.flatMap(({ call, until }) => [call.begin, until]).filter(Number.isFinite),
  };
};

export const mayBeActive = ({ status, expiresAt }: Terms, from: number): boolean =>
  status === 'active' && expiresAt > from;

export const mayBeOver = ({ status, expiresAt }: Terms, to: number): boolean =>
  status === 'suspended' || expiresAt <= to;
