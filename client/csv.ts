/** Returns the target of `Link: <…>; rel="next"` (RFC 8288), where the next part of a file is. */
export const nextLinkOf = (headers: Headers): string | undefined =>
  /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];

/** Drops the first line, the column names, of a file that arrives in chunks. */
export async function* withoutHeading(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let begun = false;
  for await (const piece of pieces) {
    if (begun) yield piece;
    else {
      const end = piece.indexOf('\n');
      if (end === -1) continue;
      begun = true;
      if (end + 1 < piece.length) yield piece.slice(end + 1);
    }
  }
}
