/** Returns whether a URL is plain http to another machine: everybody on the way can read such a request. */
export const isInTheClear = (url: URL): boolean =>
  url.protocol === 'http:' && !/^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
