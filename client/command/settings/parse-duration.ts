const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Returns the seconds of a duration such as `90`, `90s`, `10m` or `1h30m`; undefined if the text is none. */
export const secondsOf = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+h)?(\d+m)?(\d+s)?$/.test(text) || text === '') return undefined;
  return [...text.matchAll(/(\d+)([hms])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * (seconds[unit!] ?? 0), 0);
};
