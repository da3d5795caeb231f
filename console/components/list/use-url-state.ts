import { useSearch } from 'wouter';
import { navigate } from 'wouter/use-browser-location';

/** Values by name; undefined removes one. */
type Changes = Readonly<Record<string, string | undefined>>;

export interface UrlState {
  get: (name: string) => string | undefined;
  /** Changes several values at once, as a step that Back undoes. */
  set: (changes: Changes) => void;
  /** Changes values while the user types: the text is no step of its own. */
  type: (changes: Changes) => void;
}

const write = (prefix: string, changes: Changes, replace: boolean) => {
  // Reads the current address, since a second change may come before the page has rendered the first.
  const parameters = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(prefix + name, value);
    else parameters.delete(prefix + name);
  }
  const query = parameters.toString();
  if (query !== new URLSearchParams(location.search).toString())
    navigate(`${location.pathname}${query && `?${query}`}`, { replace });
};

/**
 * Returns the state of a page that its address holds, in the query string: a reload, Back and a sent link show the same.
 *
 * @param prefix keeps several lists of a page apart
 */
export const useUrlState = (prefix = ''): UrlState => {
  const parameters = new URLSearchParams(useSearch());
  return {
    get: (name) => parameters.get(prefix + name) || undefined,
    set: (changes) => write(prefix, changes, false),
    type: (changes) => write(prefix, changes, true),
  };
};
