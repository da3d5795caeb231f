import { useEffect, useEffectEvent } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';

/** The dialogs that the command palette opens on a page. */
export type PageAction = 'assign' | 'invite' | 'create';

/** The state of an address that asks its page for an action. */
export interface ActionRequest {
  action: PageAction;
}

/** Opens a dialog of the page if the command palette asked for it. */
export const useRequestedAction = (action: PageAction, open: () => void) => {
  const state = useHistoryState<ActionRequest | null>();
  const isRequested = state?.action === action;
  const onRequest = useEffectEvent(open);
  useEffect(() => {
    if (!isRequested) return;
    // Once: not again after a reload.
    history.replaceState(null, '');
    onRequest();
  }, [isRequested]);
};
