/** A column with the width of its content, px. `grows`: its values may be longer. */
interface Fitted {
  id?: string | undefined;
  width?: number | string | undefined;
  grows: boolean;
}

/**
 * Returns columns with the widths that fit a room (px): where room is left, the columns of longer texts share it, each up to
 * twice its width.
 *
 * @param chosen the widths (px) that the user has chosen, by column: these stay
 */
export const fitColumns = <C extends Fitted>(
  columns: readonly C[],
  { room, hidden, chosen }: { room: number; hidden: ReadonlySet<string>; chosen: Readonly<Record<string, number>> },
): C[] => {
  const widthOf = ({ id = '', width }: C) => chosen[id] ?? Number(width);
  const mayGrow = ({ id = '', grows }: C) => grows && chosen[id] === undefined;
  const shown = columns.filter(({ id = '' }) => !hidden.has(id));
  const left = Math.max(0, room - shown.reduce((sum, column) => sum + widthOf(column), 0));
  const share = Math.floor(left / Math.max(1, shown.filter(mayGrow).length));
  return columns.map((column) => {
    const width = widthOf(column);
    return { ...column, width: width + (mayGrow(column) ? Math.min(share, width) : 0) };
  });
};
