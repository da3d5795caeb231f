/** Where a file of several goes on, if it does: the target of `Link: <…>; rel="next"` (RFC 8288). */
export const nextLinkOf = (headers: Headers): string | undefined =>
  /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];

/** Takes the first line, the names of the columns, off a file that comes in pieces. */
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
