/** `1 license`, `2 licenses`. */
export const pluralize = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
