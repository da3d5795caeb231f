/** Whether this is `npm run test:long`, which explores with new seeds, ten times as far; `npm test` always says the same. */
export const isLong = process.env.TEST_DEPTH === 'long';

/**
 * How far fast-check explores a property. A failure prints its seed and path: `fc.assert(…, { seed, path })` replays it.
 *
 * @param numRuns the number of runs of `npm test`
 */
export const explored = (numRuns: number) => ({
  numRuns: isLong ? 10 * numRuns : numRuns,
  endOnFailure: true,
  ...(!isLong && { seed: 20_261_124 }),
});
