import { lazy, Suspense, useEffect, useState } from 'react';

const Palette = lazy(() => import('./palette.tsx'));

/** Whether the key of the palette has the name of Apple's keyboards. */
const onApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys that open the palette, as users know them. */
export const paletteKeys = onApple ? '⌘K' : 'Ctrl+K';

/** Returns whether a dialog is open. The closed dropdown of a date picker is one too, but is not visible. */
const isDialogOpen = (): boolean =>
  [...document.querySelectorAll('[role="dialog"]')].some((dialog) =>
    dialog.checkVisibility({ visibilityProperty: true }),
  );

/**
 * Returns the function that opens the command palette, and the open palette, if it is. Ctrl-K or Cmd-K opens it too, unless a dialog
 * is open.
 */
export const usePalette = (organizationId: string | undefined) => {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      if (!isDialogOpen()) setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const palette = open && (
    <Suspense>
      <Palette organizationId={organizationId} onClose={() => setOpen(false)} />
    </Suspense>
  );
  return { palette, openPalette: () => setOpen(true) };
};
