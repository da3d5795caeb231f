/** How much an `Accept` header wants a media type (RFC 9110, section 12.5.1): 0 to 1, by its most specific range. */
const qualityOf = (accept: string, mediaType: string): number => {
  const ranges = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const [, quality] = parameters.map((text) => /^q=([01](?:\.\d{0,3})?)$/.exec(text)).find(Boolean) ?? [];
    return { range, quality: Number(quality ?? 1) };
  });
  const [type] = mediaType.split('/');
  const best = [mediaType, `${type}/*`, '*/*'].map((range) => ranges.find((given) => given.range === range));
  return best.find(Boolean)?.quality ?? 0;
};

/** Whether an `Accept` header wants a media type more than JSON. Who says nothing gets JSON. */
export const prefers = (accept: string | undefined, mediaType: string): boolean =>
  accept !== undefined && qualityOf(accept, mediaType) > qualityOf(accept, 'application/json');
