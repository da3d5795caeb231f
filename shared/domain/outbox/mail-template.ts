/** A mail as its reader gets it: as text, and the same as HTML. */
export interface EmailContent {
  subject: string;
  text: string;
  html: string;
}

/** A part of a mail: a paragraph, a table of names and values, a text to copy, or an address of the page. */
export type Part = string | readonly (readonly [name: string, value: string])[] | { copy: string } | { link: string };

/** The longest name in a mail, characters. */
const maxNameLength = 80;

/**
 * Returns a user's text (for example a name) in a form that is safe in a mail: one line, at most 80 characters, no characters that
 * reverse or hide the text around it, nothing that a mail program turns into a link. An organization named
 * `Your bill: https://…` thus can't send anybody to that address.
 */
export const nameInMail = (name: string): string => {
  const line = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(line);
  const short = characters.length > maxNameLength ? `${characters.slice(0, maxNameLength - 1).join('')}…` : line;
  // A zero-width non-joiner after `.`, `:`, `/` and `@` is invisible, and prevents a link.
  return short.replace(/([.:/@])(?=\S)/g, '$1\u200c');
};

/** Returns text with HTML's special characters escaped. */
const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const asText = (part: Part): string => {
  if (typeof part === 'string') return part;
  if ('copy' in part) return `    ${part.copy}`;
  if ('link' in part) return `    ${part.link}`;
  const width = Math.max(...part.map(([name]) => name.length));
  return part.map(([name, value]) => `    ${name.padEnd(width)}   ${value}`).join('\n');
};

const asHtml = (part: Part): string => {
  if (typeof part === 'string') return `<p>${escapeHtml(part)}</p>`;
  if ('link' in part) return `<p><a href="${escapeHtml(part.link)}">${escapeHtml(part.link)}</a></p>`;
  if ('copy' in part) return `<p><code>${escapeHtml(part.copy)}</code></p>`;
  const rows = part.map(
    ([name, value]) => `<tr><th align="left" scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table cellpadding="4">${rows.join('')}</table>`;
};

/** Returns a mail as text and as HTML, both from the same parts. The parts are plain text: HTML in them is escaped. */
export const emailContentOf = (subject: string, parts: readonly Part[]): EmailContent => ({
  subject,
  text: `${parts.map(asText).join('\n\n')}\n`,
  html: [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
    `<body style="font-family: sans-serif">${parts.map(asHtml).join('\n')}</body></html>\n`,
  ].join('\n'),
});
