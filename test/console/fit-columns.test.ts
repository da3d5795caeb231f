import { describe, expect, it } from 'vitest';
import { fitColumns } from '../../console/components/list/fit-columns.ts';

const columns = [
  { id: 'name', width: 230, grows: true },
  { id: 'status', width: 150, grows: false },
  { id: 'machine', width: 190, grows: true },
  { id: 'note', width: 200, grows: true },
];

const widths = (room: number, chosen: Record<string, number> = {}) =>
  fitColumns(columns, { room, hidden: new Set(['note']), chosen })
    .filter(({ id }) => id !== 'note')
    .map(({ width }) => width);

describe('the columns of a list', () => {
  it('have the widths of their contents where no room is left', () => {
    expect(widths(500)).toEqual([230, 150, 190]);
  });
  it('share the room that is left, as far as their texts may be longer, each up to twice its width', () => {
    expect(widths(670)).toEqual([280, 150, 240]);
    expect(widths(5000)).toEqual([460, 150, 380]);
  });
  it('stay as wide as the user has made them', () => {
    expect(widths(670, { name: 120 })).toEqual([120, 150, 380]);
  });
});
