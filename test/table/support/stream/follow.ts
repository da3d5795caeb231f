import { recordHistory } from '../../../../shared/table/history/record-sessions.ts';
import type { Table } from '../../../../shared/table/store/table.ts';
import { changeOf, type StreamRecord } from '../../../../shared/table/stream/change.ts';
import { followChange } from '../../../../shared/table/stream/follow-change.ts';
import { reactionsTo } from '../../../../shared/table/stream/reactions-by-kind.ts';

/** Follows a record of the table's stream, as the stream function does. */
export const followRecord = async (
  table: Table,
  record: StreamRecord,
  options?: Parameters<typeof followChange>[2],
): Promise<void> => {
  const change = changeOf(record);
  if (change) await followChange(table, change, options);
};

/** The reactions to a write; undefined to a write that is not followed. */
export const reactionsToRecord = (record: Partial<StreamRecord>) => {
  const change = changeOf({ id: 'change', at: 0, before: undefined, after: undefined, ...record });
  return change && reactionsTo(change);
};

/** Writes the history alone of a session's record of the stream. */
export const recordHistoryOf = async (table: Table, record: StreamRecord): Promise<void> => {
  const change = changeOf(record);
  const history = change && reactionsTo(change).history();
  if (history) await recordHistory(table, change.pool, history);
};
