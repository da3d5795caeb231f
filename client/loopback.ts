/** Returns whether a URL is on this machine. */
export const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** Returns whether a URL is plain http to another machine: everybody on the way can read such a request. */
export const isUnencrypted = (url: URL): boolean => url.protocol === 'http:' && !isLoopback(url);
