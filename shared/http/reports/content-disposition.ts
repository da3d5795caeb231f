/** The characters that file names can't have or that file systems interpret: separators, wildcards, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: intended.
const unsafe = /[\x00-\x1f\x7f-\x9f/\\:*?"<>|]/g;

/**
 * Returns the `Content-Disposition` of a file to save under a name (RFC 6266). Replaces unsafe characters. Some clients read a
 * `%` in a quoted name as an escape, and misread other characters than ASCII: such a name is also sent in the extended notation
 * (RFC 8187), which clients prefer.
 */
export const attachment = (fileName: string): string => {
  const name = fileName.toWellFormed().replace(unsafe, '_');
  const plain = name.replace(/[^\x20-\x7e]/g, '_');
  const extended = plain === name && !name.includes('%') ? '' : `; filename*=UTF-8''${encoded(name)}`;
  return `attachment; filename="${plain}"${extended}`;
};

/** Percent-encodes all characters but those of RFC 8187. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
