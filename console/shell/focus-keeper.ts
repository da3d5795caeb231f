import { useEffect } from 'react';

/** Where the focus was, outside of dialogs. */
interface Place {
  element: Element;
  /** The elements around it, from the inside out. */
  around: readonly Element[];
}

const inDialog = (element: Element) => element.closest('[role="dialog"]') !== null;

const placeOf = (element: Element): Place => {
  const around: Element[] = [];
  for (let parent = element.parentElement; parent; parent = parent.parentElement) around.push(parent);
  return { element, around };
};

const isGone = (element: Element) => !element.isConnected || element.matches(':disabled');

/** Returns the nearest heading above a place: of its list, or of the page. */
const headingOf = ({ around }: Place): HTMLElement | undefined => {
  for (const element of around) {
    const heading = element.isConnected && element.querySelector<HTMLElement>('h1, h2, h3');
    if (heading) return heading.querySelector<HTMLElement>('[tabindex="-1"]') ?? heading;
  }
  return undefined;
};

/**
 * Keeps the focus on the page. If the focused element goes away or gets disabled, also while a dialog is open, the focus moves to
 * the nearest heading. Otherwise it would start at the top of the page again.
 */
export const useFocusKeeper = () => {
  useEffect(() => {
    let place: Place | undefined;
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof Element && !inDialog(target)) place = placeOf(target);
    };
    // A click on nothing takes the focus away. The browser also tells it just before it removes the element.
    const onBlur = ({ target, relatedTarget }: FocusEvent) => {
      const left = place;
      if (relatedTarget || !document.hasFocus() || !left || target !== left.element) return;
      setTimeout(() => {
        if (place === left && !isGone(left.element)) place = undefined;
      });
    };
    const check = () => {
      const { activeElement } = document;
      const lost = !activeElement || activeElement === document.body || activeElement.matches(':disabled');
      if (!place || !lost || !isGone(place.element) || document.querySelector('[role="dialog"]')) return;
      const heading = headingOf(place);
      if (!heading) return;
      heading.tabIndex = -1;
      heading.focus();
    };
    // After the page has moved the focus itself, if it does.
    const observer = new MutationObserver(() => setTimeout(check));
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', onBlur);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', onBlur);
    };
  }, []);
};
