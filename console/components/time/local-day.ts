/** The day of a time in the user's time zone, `2027-01-31`. `at`: epoch ms. */
export const dayOf = (at: number): string => {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Returns whether a text is a day: the text in a date field is incomplete while the user types. */
export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(endOf(text)) === text;

/** The end of a day in the user's time zone, epoch ms. */
export const endOf = (day: string): number => Date.parse(`${day}T23:59:59`);

/** Returns the day so many days, or months, after a time (epoch ms). A month without that day ends with its last one. */
export const dayAfter = (at: number, { days = 0, months = 0 }: { days?: number; months?: number }): string => {
  const date = new Date(at);
  const [year, month] = [date.getFullYear(), date.getMonth() + months];
  const lastOfMonth = new Date(year, month + 1, 0).getDate();
  return dayOf(new Date(year, month, Math.min(date.getDate(), lastOfMonth) + days, 12).getTime());
};
