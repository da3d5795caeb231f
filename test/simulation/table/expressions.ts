import { invalid } from './service-error.ts';
import { type Item, isEqual, typeOf } from './values.ts';

/** An item, and the names and values of a request's placeholders. */
export interface Scope {
  item: Item | undefined;
  names: Readonly<Record<string, string>>;
  values: Readonly<Record<string, unknown>>;
}

type Condition = (scope: Scope) => boolean;
type Operand = (scope: Scope) => unknown;
/** The names of the attributes on the way to a value. */
type Path = (names: Scope['names']) => string[];

/** One change of an update expression. The value is computed from the item before the update. */
interface Change {
  kind: 'SET' | 'REMOVE' | 'ADD' | 'DELETE';
  path: Path;
  value?: Operand;
}

interface Parsed<T> {
  result: T;
  /** The placeholders that the expression uses. */
  used: ReadonlySet<string>;
}

const valueAt = (item: Item | undefined, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (isMap(value) ? value[name] : undefined), item);

const isMap = (value: unknown): value is Item => value !== undefined && typeOf(value) === 'M';

/** Returns whether two values of one type compare so. Values of different types, or absent ones, never do. */
const compares = (left: unknown, operator: string, right: unknown): boolean => {
  if (operator === '=') return left !== undefined && right !== undefined && isEqual(left, right);
  if (operator === '<>') return left === undefined || right === undefined || !isEqual(left, right);
  if (left === undefined || right === undefined || typeOf(left) !== typeOf(right)) return false;
  const [a, b] = [left, right] as [string, string];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
};

const contains = (within: unknown, one: unknown): boolean => {
  if (typeof within === 'string') return typeof one === 'string' && within.includes(one);
  if (within instanceof Set) return within.has(one);
  return Array.isArray(within) && within.some((each) => isEqual(each, one));
};

const sizeOf = (value: unknown): number | undefined => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Set) return value.size;
  if (Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
};

const incorrectType = 'An operand in the update expression has an incorrect data type';

const sum = (left: unknown, sign: '+' | '-', right: unknown): number => {
  if (typeof left !== 'number' || typeof right !== 'number') throw invalid(incorrectType);
  return sign === '+' ? left + right : left - right;
};

/** A parser of one expression, by recursive descent. */
class Parser {
  readonly used = new Set<string>();
  private readonly tokens: string[];
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = text.match(/[#:]?\w+|<=|>=|<>|\S/g) ?? [];
  }

  get isDone(): boolean {
    return this.at === this.tokens.length;
  }

  /** Takes the next token if it is this word, in any case. */
  takes(word: string): boolean {
    if (this.tokens[this.at]?.toUpperCase() !== word) return false;
    this.at++;
    return true;
  }

  private expect(word: string): void {
    if (!this.takes(word)) throw invalid(`${word} is missing at ${this.tokens[this.at] ?? 'the end'}: ${this.text}`);
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw invalid(`The expression ends early: ${this.text}`);
    return token;
  }

  list<T>(element: () => T): T[] {
    const elements = [element()];
    while (this.takes(',')) elements.push(element());
    return elements;
  }

  private call<T>(parse: () => T): T {
    this.expect('(');
    const parsed = parse();
    this.expect(')');
    return parsed;
  }

  path(): Path {
    const parts = [this.name()];
    while (this.takes('.')) parts.push(this.name());
    return (names) => parts.map((part) => (part.startsWith('#') ? (names[part] as string) : part));
  }

  private name(): string {
    const token = this.next();
    if (!/^#?\w+$/.test(token)) throw invalid(`${token} is no attribute: ${this.text}`);
    if (token.startsWith('#')) this.used.add(token);
    return token;
  }

  operand(): Operand {
    const token = this.tokens[this.at];
    if (token?.startsWith(':')) {
      this.at++;
      this.used.add(token);
      return ({ values }) => values[token];
    }
    if (this.tokens[this.at + 1] === '(' && this.takes('SIZE')) {
      const of = this.call(() => this.operand());
      return (scope) => sizeOf(of(scope));
    }
    const path = this.path();
    return ({ item, names }) => valueAt(item, path(names));
  }

  condition(): Condition {
    let left = this.conjunction();
    while (this.takes('OR')) {
      const [first, second] = [left, this.conjunction()];
      left = (scope) => first(scope) || second(scope);
    }
    return left;
  }

  private conjunction(): Condition {
    let left = this.negation();
    while (this.takes('AND')) {
      const [first, second] = [left, this.negation()];
      left = (scope) => first(scope) && second(scope);
    }
    return left;
  }

  private negation(): Condition {
    if (this.takes('NOT')) {
      const refused = this.negation();
      return (scope) => !refused(scope);
    }
    if (this.tokens[this.at] === '(') return this.call(() => this.condition());
    return this.test();
  }

  private test(): Condition {
    if (this.takes('ATTRIBUTE_EXISTS')) return this.exists(true);
    if (this.takes('ATTRIBUTE_NOT_EXISTS')) return this.exists(false);
    if (this.takes('ATTRIBUTE_TYPE')) return this.pair((value, type) => value !== undefined && typeOf(value) === type);
    if (this.takes('BEGINS_WITH'))
      return this.pair((text, start) => typeof text === 'string' && text.startsWith(String(start)));
    if (this.takes('CONTAINS')) return this.pair(contains);
    const left = this.operand();
    if (this.takes('BETWEEN')) {
      const low = this.operand();
      this.expect('AND');
      const high = this.operand();
      return (scope) => compares(left(scope), '>=', low(scope)) && compares(left(scope), '<=', high(scope));
    }
    if (this.takes('IN')) {
      const among = this.call(() => this.list(() => this.operand()));
      return (scope) => among.some((one) => compares(left(scope), '=', one(scope)));
    }
    const operator = this.next();
    if (!['=', '<>', '<', '<=', '>', '>='].includes(operator))
      throw invalid(`${operator} compares nothing: ${this.text}`);
    const right = this.operand();
    return (scope) => compares(left(scope), operator, right(scope));
  }

  private exists(wanted: boolean): Condition {
    const path = this.call(() => this.path());
    return ({ item, names }) => (valueAt(item, path(names)) !== undefined) === wanted;
  }

  private pair(holds: (left: unknown, right: unknown) => boolean): Condition {
    const [left, right] = this.call(() => this.list(() => this.operand()));
    if (!left || !right) throw invalid(`A function needs two operands: ${this.text}`);
    return (scope) => holds(left(scope), right(scope));
  }

  changes(): Change[] {
    if (this.takes('SET'))
      return this.list(() => {
        const path = this.path();
        this.expect('=');
        return { kind: 'SET', path, value: this.value() };
      });
    if (this.takes('REMOVE')) return this.list(() => ({ kind: 'REMOVE', path: this.path() }));
    const kind = this.takes('ADD') ? 'ADD' : 'DELETE';
    if (kind === 'DELETE') this.expect('DELETE');
    return this.list(() => ({ kind, path: this.path(), value: this.operand() }));
  }

  /** The value of a SET: an operand, or the sum of two. */
  private value(): Operand {
    const left = this.term();
    const sign = this.takes('+') ? '+' : this.takes('-') ? '-' : undefined;
    if (!sign) return left;
    const right = this.term();
    return (scope) => sum(left(scope), sign, right(scope));
  }

  private term(): Operand {
    const isDefault = this.takes('IF_NOT_EXISTS');
    if (!isDefault) {
      const operand = this.operand();
      return (scope) => {
        const value = operand(scope);
        if (value === undefined)
          throw invalid('The provided expression refers to an attribute that does not exist in the item');
        return value;
      };
    }
    const [path, otherwise] = this.call(() => {
      const first = this.path();
      this.expect(',');
      return [first, this.term()] as const;
    });
    return (scope) => {
      const value = valueAt(scope.item, path(scope.names));
      return value === undefined ? otherwise(scope) : value;
    };
  }
}

/** Parses each text once. */
const parsing = <T>(parse: (parser: Parser) => T) => {
  const known = new Map<string, Parsed<T>>();
  return (text: string): Parsed<T> => {
    const before = known.get(text);
    if (before) return before;
    const parser = new Parser(text);
    const parsed = { result: parse(parser), used: parser.used };
    if (!parser.isDone) throw invalid(`The expression goes on: ${text}`);
    known.set(text, parsed);
    return parsed;
  };
};

export const parseCondition = parsing((parser) => parser.condition());
export const parseProjection = parsing((parser) => parser.list(() => parser.path()));
const parseChanges = parsing((parser) => {
  const changes: Change[] = [];
  while (!parser.isDone) changes.push(...parser.changes());
  return changes;
});

/** Returns an item with a value at a path, and leaves the given item alone; undefined removes the attribute. */
const withValue = (item: Item, [name, ...rest]: readonly string[], value: unknown): Item => {
  if (name === undefined) return item;
  const changed = { ...item };
  if (rest.length > 0) {
    const inner = item[name];
    if (!isMap(inner)) throw invalid('The document path provided in the update expression is invalid for update');
    changed[name] = withValue(inner, rest, value);
  } else if (value === undefined) delete changed[name];
  else changed[name] = value;
  return changed;
};

const added = (before: unknown, more: unknown): unknown => {
  if (more instanceof Set && (before === undefined || before instanceof Set))
    return new Set([...(before ?? []), ...more]);
  if (typeof more !== 'number') throw invalid(incorrectType);
  return sum(before ?? 0, '+', more);
};

const without = (before: unknown, less: unknown): unknown => {
  if (!(less instanceof Set) || !(before === undefined || before instanceof Set)) throw invalid(incorrectType);
  const left = new Set([...(before ?? [])].filter((one) => !less.has(one)));
  return left.size > 0 ? left : undefined;
};

/**
 * Parses an update expression.
 *
 * @returns a function from the item before to the item after the update
 */
export const parseUpdate = (text: string): Parsed<(scope: Scope, key: Item) => Item> => {
  const { result: changes, used } = parseChanges(text);
  return {
    used,
    result: (scope, key) => {
      let item: Item = scope.item ?? key;
      for (const { kind, path, value } of changes) {
        const names = path(scope.names);
        if ((names[0] as string) in key)
          throw invalid(`Cannot update attribute ${names[0]}. This attribute is part of the key`);
        const given = value?.(scope);
        const before = kind === 'ADD' || kind === 'DELETE' ? valueAt(scope.item, names) : undefined;
        const after = kind === 'ADD' ? added(before, given) : kind === 'DELETE' ? without(before, given) : given;
        item = withValue(item, names, after);
      }
      return item;
    },
  };
};
