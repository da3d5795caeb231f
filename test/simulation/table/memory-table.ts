import { parseCondition, parseProjection, parseUpdate, type Scope } from './expressions.ts';
import { conditionFailed, invalid, ServiceError } from './service-error.ts';
import { type Key, Storage, type Stored } from './storage.ts';
import { type Item, itemSize } from './values.ts';

/** One part of a request's cost. */
export interface Charge extends Key {
  kind: 'read' | 'write';
  units: number;
}

export interface MemoryTableOptions {
  /** The time of the database, ms. */
  now?: () => number;
  /** Draws how old the state is that an eventually consistent read sees, ms, at most `maxLagMs`. */
  lag?: () => number;
  maxLagMs?: number;
  /** Whether BatchGetItem and Query read nothing for free, as in DynamoDB Local. In DynamoDB that costs as much as a small item. */
  nothingIsFree?: boolean;
  /** Is told each part of the cost of a request, also of a refused write. */
  onCharge?: (charge: Charge) => void;
}

const maxItemBytes = 400 * 1024;
const maxPageBytes = 1024 * 1024;
/** For how long DynamoDB recognizes the token of a transaction, ms. */
const tokenMs = 600_000;

const readUnits = (bytes: number, consistent: boolean): number => Math.ceil(bytes / 4096) * (consistent ? 1 : 0.5);
const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** The expressions of a request, with their placeholders. */
interface Expressions {
  ConditionExpression?: string;
  UpdateExpression?: string;
  ProjectionExpression?: string;
  FilterExpression?: string;
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

const keyOf = ({ pk, sk }: Item): Key => {
  if (typeof pk !== 'string' || typeof sk !== 'string' || pk === '' || sk === '')
    throw invalid('One or more parameter values were invalid: a key is missing');
  return { pk, sk };
};

const exactKey = (key: Item): Key => {
  if (Object.keys(key).length !== 2) throw invalid('The provided key element does not match the schema');
  return keyOf(key);
};

const keyText = ({ pk, sk }: Key) => `${pk}|${sk}`;

const requireDistinct = (keys: readonly Key[], message: string) => {
  if (new Set(keys.map(keyText)).size < keys.length) throw invalid(message);
};

/**
 * A table in memory that answers requests as DynamoDB does: conditions, updates, pages, units and errors. It knows the parts
 * of the protocol that this project uses, and refuses others. Requests and answers are those of the document client.
 */
export class MemoryTable {
  private readonly storage: Storage;
  private readonly options: Required<MemoryTableOptions>;
  private readonly tokens = new Map<string, number>();

  constructor({ now = Date.now, lag, maxLagMs = 0, nothingIsFree, onCharge }: MemoryTableOptions = {}) {
    this.options = {
      now,
      lag: lag ?? (() => 0),
      maxLagMs,
      nothingIsFree: nothingIsFree ?? false,
      onCharge: onCharge ?? (() => {}),
    };
    this.storage = new Storage(now, maxLagMs);
  }

  /** Answers a request, named as in DynamoDB's API. */
  answer(operation: string, input: any): any {
    switch (operation) {
      case 'GetItem':
        return this.metered(input, (charge) => {
          const found = this.get(input, charge);
          return found && { Item: project(found, input) };
        });
      case 'BatchGetItem':
        return this.batchGet(input);
      case 'Query':
        return this.query(input);
      case 'Scan':
        return this.scan(input);
      case 'PutItem':
      case 'UpdateItem':
      case 'DeleteItem':
        return this.metered(input, (charge) => this.write(operation, input, charge));
      case 'BatchWriteItem':
        return this.batchWrite(input);
      case 'TransactWriteItems':
        return this.transact(input);
      default:
        throw new ServiceError('UnknownOperationException', `${operation} is not known in memory`);
    }
  }

  private metered(input: any, work: (charge: (charge: Charge) => void) => object | undefined): Output {
    let units = 0;
    const output = work((charge) => {
      units += charge.units;
      this.options.onCharge(charge);
    });
    return {
      ...output,
      ...(input.ReturnConsumedCapacity === 'TOTAL' && {
        // The charges of a query's items are fractions of whole units, or of halves.
        ConsumedCapacity: { TableName: input.TableName, CapacityUnits: Math.round(units * 2) / 2 },
      }),
    };
  }

  /** The time of which a read sees the items; undefined: now. */
  private seenAt(consistent: boolean | undefined): number | undefined {
    return consistent || this.options.maxLagMs === 0 ? undefined : this.options.now() - this.options.lag();
  }

  /** @param least the bytes to charge if there is no item */
  private get(
    input: { Key: Item; ConsistentRead?: boolean },
    charge: (charge: Charge) => void,
    least = 1,
  ): Stored | undefined {
    const key = exactKey(input.Key);
    const found = this.storage.read(key, this.seenAt(input.ConsistentRead));
    charge({ ...key, kind: 'read', units: readUnits(found?.size ?? least, input.ConsistentRead === true) });
    return found;
  }

  private batchGet(input: any): object {
    const [[name, request]] = Object.entries<any>(input.RequestItems) as [[string, any]];
    const keys: Key[] = request.Keys.map(exactKey);
    if (keys.length > 100) throw invalid('Too many items requested for the BatchGetItem call');
    requireDistinct(keys, 'Provided list of item keys contains duplicates');
    return batchOutput(
      this.metered({ ...input, TableName: name }, (charge) => ({
        Responses: {
          [name]: keys.flatMap((Key) => {
            const found = this.get({ ...request, Key }, charge, this.options.nothingIsFree ? 0 : 1);
            return found ? [project(found, request)] : [];
          }),
        },
        UnprocessedKeys: {},
      })),
    );
  }

  private query(input: any): object {
    if (input.Limit < 1) throw invalid('Limit must be greater than or equal to 1');
    return this.metered(input, (charge) => {
      const { pk, from, to } = keyCondition(input);
      const after = input.ExclusiveStartKey && exactKey(input.ExclusiveStartKey).sk;
      const consistent = input.ConsistentRead === true;
      const read: Stored[] = [];
      let bytes = 0;
      let last: Stored | undefined;
      const range = { from, to, after, backwards: input.ScanIndexForward === false };
      for (const stored of this.storage.range(pk, range, this.seenAt(consistent))) {
        bytes += stored.size;
        read.push(stored);
        if (read.length < (input.Limit ?? Infinity) && bytes <= maxPageBytes) continue;
        // A page that ends with the range is the last one.
        if (stored.sk !== (range.backwards ? from : to)) last = stored;
        break;
      }
      const units = readUnits(this.options.nothingIsFree ? bytes : Math.max(1, bytes), consistent);
      if (read.length === 0) charge({ pk, sk: from, kind: 'read', units });
      // Each item is charged where it is. All together are rounded up to 4 KB.
      for (const { sk, size } of read) charge({ pk, sk, kind: 'read', units: (units * size) / bytes });
      const items = read.filter((stored) => passes(stored, input));
      return {
        Items: items.map((stored) => project(stored, input)),
        Count: items.length,
        ScannedCount: read.length,
        ...(last && { LastEvaluatedKey: { pk, sk: last.sk } }),
      };
    });
  }

  private scan(input: any): object {
    const found = [...this.storage.all()].filter((stored) => passes(stored, input));
    return { Items: found.map(({ item }) => item), Count: found.length };
  }

  private write(operation: string, input: any, charge: (charge: Charge) => void): object | undefined {
    const key = operation === 'PutItem' ? keyOf(input.Item) : exactKey(input.Key);
    const before = this.storage.read(key);
    const { refused, after } = applied(operation, input, before?.item, key);
    const size = refused || !after ? 0 : itemSize(after);
    charge({ ...key, kind: 'write', units: writeUnits(Math.max(before?.size ?? 0, size)) });
    if (refused) throw conditionFailed(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before?.item);
    this.storage.write(key, after);
    if (input.ReturnValues === 'ALL_NEW') return { Attributes: after };
    return input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before.item } : undefined;
  }

  private batchWrite(input: any): object {
    const [[name, requests]] = Object.entries<any>(input.RequestItems) as [[string, any[]]];
    if (requests.length > 25) throw invalid('Too many items requested for the BatchWriteItem call');
    const writes = requests.map(({ PutRequest, DeleteRequest }) =>
      PutRequest
        ? (['PutItem', { Item: PutRequest.Item }] as const)
        : (['DeleteItem', { Key: DeleteRequest.Key }] as const),
    );
    requireDistinct(
      writes.map(([, { Item, Key }]: any) => keyOf(Item ?? Key)),
      'Provided list of item keys contains duplicates',
    );
    return batchOutput(
      this.metered({ ...input, TableName: name }, (charge) => {
        for (const [operation, write] of writes) this.write(operation, write, charge);
        return { UnprocessedItems: {} };
      }),
    );
  }

  private transact(input: any): object {
    const { now } = this.options;
    const token: string | undefined = input.ClientRequestToken;
    if (token !== undefined && (this.tokens.get(token) ?? 0) > now()) return {};
    const writes = (input.TransactItems as Record<string, any>[]).map((write) => {
      const [[kind, each]] = Object.entries(write) as [[string, any]];
      return { kind, each, key: kind === 'Put' ? keyOf(each.Item) : exactKey(each.Key) };
    });
    requireDistinct(
      writes.map(({ key }) => key),
      'Transaction request cannot include multiple operations on one item',
    );
    return batchOutput(
      this.metered({ ...input, TableName: writes[0]?.each.TableName }, (charge) => {
        const results = writes.map(({ kind, each, key }) => {
          const before = this.storage.read(key);
          const { refused, after } = applied(`${kind}Item`, each, before?.item, key);
          const size = refused || !after ? 0 : itemSize(after);
          charge({ ...key, kind: 'write', units: 2 * writeUnits(Math.max(before?.size ?? 0, size)) });
          return { kind, each, key, before, refused, after };
        });
        if (results.some(({ refused }) => refused))
          throw new ServiceError('TransactionCanceledException', 'Transaction cancelled', {
            CancellationReasons: results.map(({ refused, before, each }) =>
              refused
                ? {
                    Code: 'ConditionalCheckFailed',
                    ...(each.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before && { Item: before.item }),
                  }
                : { Code: 'None' },
            ),
          });
        for (const { kind, key, after } of results) if (kind !== 'ConditionCheck') this.storage.write(key, after);
        if (token !== undefined) this.tokens.set(token, now() + tokenMs);
        return {};
      }),
    );
  }
}

type Output = { ConsumedCapacity?: object };

/** The consumed capacity of a request for several tables is a list. */
const batchOutput = ({ ConsumedCapacity, ...output }: Output): object => ({
  ...output,
  ...(ConsumedCapacity !== undefined && { ConsumedCapacity: [ConsumedCapacity] }),
});

const scopeOf = (item: Item | undefined, input: Expressions): Scope => ({
  item,
  names: input.ExpressionAttributeNames ?? {},
  values: input.ExpressionAttributeValues ?? {},
});

/** Refuses placeholders that are given and not used, or used and not given. */
const requireUsed = (input: Expressions, used: readonly ReadonlySet<string>[]): void => {
  const given = [
    ...Object.keys(input.ExpressionAttributeNames ?? {}),
    ...Object.keys(input.ExpressionAttributeValues ?? {}),
  ];
  for (const name of given) if (!used.some((each) => each.has(name))) throw invalid(`${name} is unused in expressions`);
  for (const each of used)
    for (const name of each)
      if (!given.includes(name)) throw invalid(`${name} is used in an expression and not defined`);
};

/** Computes a write: the item after it, or whether its condition refused. */
const applied = (
  operation: string,
  input: Expressions & { Item?: Item },
  before: Item | undefined,
  key: Key,
): { refused: boolean; after: Item | undefined } => {
  const condition = input.ConditionExpression === undefined ? undefined : parseCondition(input.ConditionExpression);
  const update = input.UpdateExpression === undefined ? undefined : parseUpdate(input.UpdateExpression);
  requireUsed(input, [condition?.used ?? none, update?.used ?? none]);
  const scope = scopeOf(before, input);
  if (condition && !condition.result(scope)) return { refused: true, after: before };
  if (operation === 'ConditionCheckItem') return { refused: false, after: before };
  if (operation === 'DeleteItem') return { refused: false, after: undefined };
  const after =
    operation === 'PutItem' ? { ...input.Item } : (update?.result(scope, { ...key }) ?? before ?? { ...key });
  if (itemSize(after) > maxItemBytes) throw invalid('Item size has exceeded the maximum allowed size');
  return { refused: false, after };
};

const none: ReadonlySet<string> = new Set();

const passes = ({ item }: Stored, input: Expressions): boolean =>
  input.FilterExpression === undefined || parseCondition(input.FilterExpression).result(scopeOf(item, input));

const project = ({ item }: Stored, input: Expressions): Item => {
  if (input.ProjectionExpression === undefined) return item;
  const wanted = parseProjection(input.ProjectionExpression).result.map((path) =>
    path(input.ExpressionAttributeNames ?? {}),
  );
  return Object.fromEntries(wanted.flatMap(([name = '']) => (item[name] === undefined ? [] : [[name, item[name]]])));
};

/** The character after all that sort keys have. */
const highest = '\uffff';

/** Returns the range that a query's key condition means. */
const keyCondition = ({ KeyConditionExpression = '', ExpressionAttributeValues: values = {} }: Expressions) => {
  const parsed = /^pk = (:\w+)(?: AND (?:sk BETWEEN (:\w+) AND (:\w+)|begins_with\(sk, (:\w+)\)))?$/.exec(
    KeyConditionExpression,
  );
  if (!parsed) throw invalid(`This key condition is not known in memory: ${KeyConditionExpression}`);
  const [, pk = '', from = '', to = '', prefix = ''] = parsed;
  const text = (name: string) => values[name] as string | undefined;
  const range = { from: text(from) ?? text(prefix) ?? '', to: text(to) ?? `${text(prefix) ?? ''}${highest}` };
  if (range.from > range.to)
    throw invalid('The BETWEEN operator requires upper bound to be greater than or equal to lower bound');
  return { pk: text(pk) as string, ...range };
};
