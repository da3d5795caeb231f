/** Returns the distinct addresses of a pasted text, separated by lines, commas, semicolons or spaces. */
export const emailsIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

/** Returns the texts that are no email address. */
export const invalidEmails = (emails: readonly string[]): string[] =>
  emails.filter((email) => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email));
