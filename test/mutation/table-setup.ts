import { afterAll, afterEach, inject } from 'vitest';
import { kindOfItem } from '../../shared/table/store/keys.ts';
import { MemoryTable } from '../simulation/table/memory-table.ts';

/** A conditional write: `write` names the first change of an update, or the kind of item that is put or deleted. */
export interface Conditional {
  write: string;
  condition: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The condition to weaken. */
    weakened: (Conditional & { sent: string }) | undefined;
  }
  interface TaskMeta {
    /** The conditional writes of a test. */
    conditional?: Conditional[];
  }
}

/** The kinds of the items that the engine writes, and the rooms around it. */
const kinds = ['SEAT', 'SLOT', 'SEATS', 'SUB', 'TERMS', 'CENSUS', 'RECORD', 'LICENSE', 'MACHINE', 'WAIT', 'LINE'];
/** Items that the same code puts. */
const records = ['RECORD', 'LICENSE', 'MACHINE'];

const nameOf = (operation: string, kind: string, update?: string): string =>
  update?.replace(/^SET actor = :actor(, writtenAt = :writtenAt)?,? /, '').split(',')[0] ??
  `${operation.replace('Item', '').toLowerCase()} ${records.includes(kind) ? 'record' : kind}`;

const weakened = inject('weakened');
const made = new Map<string, Conditional>();

const withCondition = (operation: string, input: any): any => {
  const { ConditionExpression: condition } = input;
  const kind = kindOfItem(input.Item ?? input.Key ?? {});
  if (condition === undefined || !kinds.includes(kind)) return input;
  const write = nameOf(operation, kind, input.UpdateExpression);
  made.set(`${write}: ${condition}`, { write, condition });
  const isWeakened = weakened?.write === write && weakened.condition === condition;
  return isWeakened ? { ...input, ConditionExpression: weakened.sent } : input;
};

const { answer } = MemoryTable.prototype;
MemoryTable.prototype.answer = function (operation, input) {
  if (operation !== 'TransactWriteItems') return answer.call(this, operation, withCondition(operation, input));
  const TransactItems = input.TransactItems.map((item: object) =>
    Object.fromEntries(Object.entries(item).map(([name, each]) => [name, withCondition(name, each)])),
  );
  return answer.call(this, operation, { ...input, TransactItems });
};
afterAll(() => {
  MemoryTable.prototype.answer = answer;
});

afterEach(({ task }) => {
  task.meta.conditional = [...made.values()];
  made.clear();
});
