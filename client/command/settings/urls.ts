import { isUnencrypted } from '../../loopback.ts';
import { CommandFailed } from '../exit-codes.ts';

/** Returns whether a text is an HTTP URL. */
export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

/** @throws CommandFailed if others on the way could read a token */
export const requireEncryption = (url: string): void => {
  if (isUnencrypted(new URL(url)))
    throw new CommandFailed(
      'configuration',
      `${url} is not https: everybody on the way could read your token and act as you.`,
    );
};

/** Returns the base URL of a service, which may be one of several behind a host. */
export const baseOf = (url: string): URL => new URL(url.replace(/\/*$/, '/'));
