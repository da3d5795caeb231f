/** What no file system takes in a name, or takes for something else: separators, wildcards, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are meant.
const unsafe = /[\x00-\x1f\x7f-\x9f/\\:*?"<>|]/g;

/**
 * The `Content-Disposition` of a file to be saved under a name (RFC 6266). Characters that a name can't have are
 * replaced. A `%` in a quoted name is read by some as an escape, and other than ASCII characters as anything, so a name
 * that has one is told in the extended notation too (RFC 8187), which all prefer.
 */
export const attachment = (fileName: string): string => {
  const name = fileName.toWellFormed().replace(unsafe, '_');
  const plain = name.replace(/[^\x20-\x7e]/g, '_');
  const extended = plain === name && !name.includes('%') ? '' : `; filename*=UTF-8''${encoded(name)}`;
  return `attachment; filename="${plain}"${extended}`;
};

/** Percent-encoded, all but the characters that RFC 8187 leaves as they are. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
