/**
 * Does something for each of several, also if it is refused for some. What is done so must be harmless to repeat: the user
 * tries again, for all of them.
 *
 * @throws the first refusal, after all were tried
 */
export const forEach = async <T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> => {
  const outcomes = await Promise.allSettled(items.map(run));
  const refused = outcomes.find(({ status }) => status === 'rejected');
  if (refused?.status === 'rejected') throw refused.reason;
};
