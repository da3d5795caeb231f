import { ulid } from 'ulid';

/** The prefixes of ids: they tell a reader, and a log, what an id is of. */
type Prefix = 'org' | 'usr' | 'ses' | 'off' | 'whk' | 'exp';

/**
 * A new id: sortable by its time of making, and random beyond guessing.
 *
 * @example newId('org') // 'org_01k9z4m6c8t2v0x5y7w3q1n8rb'
 */
export const newId = (prefix: Prefix): string => `${prefix}_${ulid().toLowerCase()}`;
