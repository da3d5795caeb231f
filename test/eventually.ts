import { vi } from 'vitest';

/** How long a test waits for something that the service does on its own: longer than any busy machine takes, ms. */
const LONG_ENOUGH_MS = 60_000;

/**
 * Repeats a check until it passes.
 *
 * @example await eventually(() => expect(received).toHaveLength(1));
 */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: LONG_ENOUGH_MS, interval: 100 });
