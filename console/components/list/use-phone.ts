import { useSyncExternalStore } from 'react';

/** The width under which lists become cards, as the layout hides its navigation. */
const query = matchMedia('(width <= 688px)');

const subscribe = (listener: () => void) => {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/** Returns whether the page is as narrow as a phone. */
export const usePhone = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
