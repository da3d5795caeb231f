/** A condition without one of its parts: `shown` has TRUE or FALSE in its place; `sent` gives the same answers as that. */
export interface Weakened {
  shown: string;
  sent: string;
}

/** Splits an expression at an operator that is outside of brackets. No condition of this project has a BETWEEN. */
const splitAt = (expression: string, operator: 'AND' | 'OR'): string[] => {
  const parts: string[] = [];
  let [from, depth] = [0, 0];
  for (let at = 0; at < expression.length; at++) {
    if (expression[at] === '(') depth++;
    if (expression[at] === ')') depth--;
    if (depth > 0 || !expression.startsWith(` ${operator} `, at)) continue;
    parts.push(expression.slice(from, at));
    from = at + operator.length + 2;
  }
  return [...parts, expression.slice(from)];
};

/** Returns what is inside of the brackets around a whole expression. */
const unbracketed = (expression: string): string | undefined => {
  const inner = /^\((.*)\)$/.exec(expression)?.[1];
  let depth = 0;
  for (const character of inner ?? '') {
    if (character === '(') depth++;
    if (character === ')' && --depth < 0) return undefined;
  }
  return inner;
};

// DynamoDB refuses a request with a value that no expression has. No item has the attribute `none`.
const always = (part: string): Weakened => ({ shown: 'TRUE', sent: `(${part} OR attribute_not_exists(none))` });
const never = (part: string): Weakened => ({ shown: 'FALSE', sent: `(${part} AND attribute_exists(none))` });

/**
 * Returns the conditions that a condition becomes without one of its parts: one that must hold beside others holds always, one of
 * several that suffice never holds.
 */
export const weakenedOf = (condition: string): Weakened[] => {
  const inner = unbracketed(condition);
  if (inner !== undefined)
    return weakenedOf(inner).map(({ shown, sent }) => ({ shown: `(${shown})`, sent: `(${sent})` }));
  for (const operator of ['OR', 'AND'] as const) {
    const parts = splitAt(condition, operator);
    if (parts.length === 1) continue;
    const without = parts.flatMap((part, index) => {
      const withoutPart = operator === 'OR' ? [never(part)] : weakenedOf(part);
      return withoutPart.map(({ shown, sent }) => ({
        shown: parts.with(index, shown).join(` ${operator} `),
        sent: parts.with(index, sent).join(` ${operator} `),
      }));
    });
    return operator === 'OR' ? [always(`(${condition})`), ...without] : without;
  }
  return [always(condition)];
};
