/** What a terminal obeys instead of showing: control characters, but for the end of a line and a tab, and marks of direction. */
const obeyed = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text for a terminal, without what a service, or who named something there, could make the terminal do. */
export const harmless = (text: string): string => text.replace(obeyed, '');

/** JSON in which such characters are escaped: it means the same, and shows as it is. */
export const harmlessJson = (json: string): string =>
  json.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
