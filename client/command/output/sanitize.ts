/** Matches characters that a terminal obeys instead of showing: marks of direction and controls, except line end and tab. */
const obeyed = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns a text without the characters that could control the terminal. */
export const sanitize = (text: string): string => text.replace(obeyed, '');

/** Returns the JSON with these characters escaped: the same value, safe to print. */
export const sanitizeJson = (json: string): string =>
  json.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
