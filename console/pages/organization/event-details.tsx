import Table from '@cloudscape-design/components/table';
import type { AuditEvent } from '../../../client/index.ts';
import { preciseTime } from '../../components/time/format-time.ts';
import { actionText, isTime, nameText, valueText } from './audit-sentence.ts';

/** Returns the name of a field by its path: `Actor email`; `Quota, before`. */
const fieldName = (path: readonly string[]): string => {
  const [first = '', ...rest] = path;
  const isOfChange = (first === 'before' || first === 'after') && rest.length > 0;
  const words = (isOfChange ? rest : path)
    .map(nameText)
    .join(' ')
    .replace(/\bid\b/g, 'ID');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${isOfChange ? `, ${first}` : ''}`;
};

/** Returns the fields of an event, each with its path as words. */
const fieldsOf = ({ id, at, action, actor, target, product, details }: AuditEvent) => {
  const flat = (value: unknown, path: readonly string[]): { name: string; value: string }[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, name]))
      : [{ name: fieldName(path), value: isTime(value) ? preciseTime(Date.parse(value)) : valueText(value) }];
  const event = {
    action: `${actionText(action)} (${action})`,
    time: at,
    product,
    actor,
    target,
    ...details,
    eventId: id,
  };
  return flat(event, []).filter(({ name }) => product !== undefined || name !== 'Product');
};

/** All fields of an event, as a table. */
export const EventDetails = (event: AuditEvent) => (
  <Table
    variant="embedded"
    wrapLines
    items={fieldsOf(event)}
    trackBy="name"
    columnDefinitions={[
      { id: 'name', header: 'Field', isRowHeader: true, cell: ({ name }) => name },
      { id: 'value', header: 'Value', cell: ({ value }) => value },
    ]}
  />
);
