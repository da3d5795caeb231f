/** Returns the quality of a media type in an `Accept` header (RFC 9110, section 12.5.1): 0 to 1, by the most specific range. */
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

/** Returns whether an `Accept` header prefers a media type to JSON. Without a header, JSON is preferred. */
export const prefers = (accept: string | undefined, mediaType: string): boolean =>
  accept !== undefined && qualityOf(accept, mediaType) > qualityOf(accept, 'application/json');
