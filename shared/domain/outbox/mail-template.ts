/** A mail as its reader gets it, twice: as text, and the same as HTML. */
export interface Letter {
  subject: string;
  text: string;
  html: string;
}

/** A paragraph; a table of names and values; something to copy. */
export type Part = string | readonly (readonly [name: string, value: string])[] | { copy: string };

/** How long a name is told, characters. */
const mostOfAName = 80;

/**
 * A name that somebody outside chose, fit to stand in a mail: of one line, of bounded length, without what could reverse
 * or hide the text around it, and nothing that a mail program makes a link of. (An organization that is called
 * `Your bill: https://…` sends nobody anywhere.)
 */
export const nameInMail = (name: string): string => {
  const line = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = Array.from(line);
  const short = letters.length > mostOfAName ? `${letters.slice(0, mostOfAName - 1).join('')}…` : line;
  // A zero-width non-joiner: it looks the same.
  return short.replace(/([.:/@])(?=\S)/g, '$1\u200c');
};

/** Text as HTML. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const asText = (part: Part): string => {
  if (typeof part === 'string') return part;
  if ('copy' in part) return `    ${part.copy}`;
  const width = Math.max(...part.map(([name]) => name.length));
  return part.map(([name, value]) => `    ${name.padEnd(width)}   ${value}`).join('\n');
};

const asHtml = (part: Part): string => {
  if (typeof part === 'string') return `<p>${escaped(part)}</p>`;
  if ('copy' in part) return `<p><code>${escaped(part.copy)}</code></p>`;
  const rows = part.map(
    ([name, value]) => `<tr><th align="left" scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  return `<table cellpadding="4">${rows.join('')}</table>`;
};

/** Writes a letter: both of its forms from the same parts, all of which are text and nothing else. */
export const letterOf = (subject: string, parts: readonly Part[]): Letter => ({
  subject,
  text: `${parts.map(asText).join('\n\n')}\n`,
  html: [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    `<body style="font-family: sans-serif">${parts.map(asHtml).join('\n')}</body></html>\n`,
  ].join('\n'),
});
