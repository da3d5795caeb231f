/**
 * The `Content-Disposition` of a file to be saved under a name (RFC 6266). A `%` in a quoted name is read by some as an
 * escape, so a name that has one is told in the extended notation too (RFC 8187), which all prefer.
 *
 * @param fileName of `A-Z a-z 0-9 . _ - ~ %` and the like: no quotes, no control characters
 */
export const attachment = (fileName: string): string => {
  const extended = fileName.includes('%') ? `; filename*=UTF-8''${encodeURIComponent(fileName)}` : '';
  return `attachment; filename="${fileName}"${extended}`;
};
