import { isUnencrypted } from '../../loopback.ts';
import { CommandFailed } from '../exit-codes.ts';

/** Whether a text is the address of something that speaks HTTP. */
export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

/** @throws CommandFailed a token on its way to the service could be read by others */
export const requireEncryption = (url: string): void => {
  if (isUnencrypted(new URL(url)))
    throw new CommandFailed('usage', `${url} is not https: whoever listens on the way could act as you.`);
};

/** What the addresses of a service are relative to: it may be one of several behind a host. */
export const baseOf = (url: string): URL => new URL(url.replace(/\/*$/, '/'));
