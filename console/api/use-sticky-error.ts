import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

/**
 * Why something is not known, also while it is asked for again: until it is known, what says so must neither blink nor lose
 * the focus. Null if it was not refused, or is known by now and was not refused since.
 */
export const useStickyError = ({
  data,
  error,
  errorUpdateCount,
}: Pick<UseQueryResult, 'data' | 'error' | 'errorUpdateCount'>): Error | null => {
  const [last, setLast] = useState(error);
  if (error && error !== last) setLast(error);
  return error ?? (data === undefined && errorUpdateCount > 0 ? last : null);
};
