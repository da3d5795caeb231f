import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences';
import { useState } from 'react';
import type { Column } from './column.ts';

/** The user's choices for one list. */
export interface Preferences
  extends Required<
    Pick<CollectionPreferencesProps.Preferences, 'pageSize' | 'wrapLines' | 'contentDensity' | 'contentDisplay'>
  > {
  /** The widths of the columns that the user has resized, px, by column. */
  widths: Readonly<Record<string, number>>;
}

export const pageSizes = [20, 50, 100, 200] as const;

const stored = (key: string): Partial<Preferences> => {
  try {
    const read = JSON.parse(localStorage.getItem(key) ?? '{}');
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
};

/**
 * Returns the user's choices for a list, and the function that keeps them in this browser. A new column appears, and a removed
 * one disappears, whatever is kept.
 */
export const usePreferences = <T>(
  name: string,
  columns: readonly Column<T>[],
): [Preferences, (chosen: Partial<Preferences>) => void] => {
  const key = `leasehold.list.${name}`;
  const [kept, setKept] = useState(() => stored(key));
  const ids = columns.map(({ id }) => id ?? '');
  const display = (Array.isArray(kept.contentDisplay) ? kept.contentDisplay : []).filter(({ id }) => ids.includes(id));
  const added = columns
    .filter(({ id }) => !display.some((shown) => shown.id === id))
    .map(({ id = '', optional }) => ({ id, visible: !optional }));
  const preferences: Preferences = {
    pageSize: pageSizes.find((size) => size === kept.pageSize) ?? 50,
    wrapLines: kept.wrapLines === true,
    contentDensity: kept.contentDensity === 'comfortable' ? 'comfortable' : 'compact',
    contentDisplay: [...display, ...added],
    widths: Object.fromEntries(Object.entries(kept.widths ?? {}).filter(([, width]) => width > 0)),
  };
  const keep = (chosen: Partial<Preferences>) => {
    const all = { ...kept, ...chosen };
    localStorage.setItem(key, JSON.stringify(all));
    setKept(all);
  };
  return [preferences, keep];
};
