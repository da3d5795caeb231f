/** The addresses of a text, as people paste them: by lines, commas, semicolons or spaces; each once. */
export const emailsIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

/** Those that can be no address. */
export const invalidEmails = (emails: readonly string[]): string[] =>
  emails.filter((email) => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email));
