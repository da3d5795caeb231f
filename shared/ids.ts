import { ulid } from 'ulid';

/** The prefixes of IDs. They show people and logs the kind of an ID. */
type Prefix = 'org' | 'usr' | 'ses' | 'off' | 'whk' | 'exp';

/**
 * Returns a new ID. IDs sort by their creation time and can't be guessed.
 *
 * @example newId('org') // 'org_01k9z4m6c8t2v0x5y7w3q1n8rb'
 */
export const newId = (prefix: Prefix): string => `${prefix}_${ulid().toLowerCase()}`;
