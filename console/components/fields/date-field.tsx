import DatePicker, { type DatePickerProps } from '@cloudscape-design/components/date-picker';
import type { FocusEvent } from 'react';

/** Names the calendar, which has no name of its own for screen readers, as soon as the focus moves into it. */
const nameCalendar = ({ currentTarget }: FocusEvent<HTMLElement>) => {
  currentTarget.querySelector('[role="dialog"]')?.setAttribute('aria-label', 'Calendar');
};

/** A field for a day, with a calendar to choose it. */
export const DateField = (props: DatePickerProps) => (
  <div onFocusCapture={nameCalendar}>
    <DatePicker {...props} />
  </div>
);
