/** Whether a URL is plain http to another machine: everybody on the way reads what is sent there. */
export const isInTheClear = (url: URL): boolean =>
  url.protocol === 'http:' && !/^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
