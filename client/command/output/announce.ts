import type { Environment } from '../settings/config.ts';
import { sanitize } from './sanitize.ts';

const onGitHub = ({ GITHUB_ACTIONS }: Environment): boolean => GITHUB_ACTIONS === 'true';

/** Returns a message as the CI service shows it best: on GitHub Actions as an annotation of the run, in one line. */
export const announcement = (environment: Environment, kind: 'error' | 'warning' | 'notice', text: string): string =>
  onGitHub(environment)
    ? `::${kind} title=leasehold::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`
    : `leasehold: ${text}`;

/** Returns the lines that begin and end a part of the log which people can fold; undefined where there is none. */
export const foldable = (
  environment: Environment,
  title: string,
  now: () => number = Date.now,
): { begin: () => string; end: () => string } | undefined => {
  if (onGitHub(environment)) return { begin: () => `::group::${sanitize(title)}\n`, end: () => '::endgroup::\n' };
  if (!environment.GITLAB_CI) return undefined;
  const mark = (what: string) => `${what}:${Math.floor(now() / 1000)}:leasehold_wait\r\x1b[0K`;
  return { begin: () => `${mark('section_start')}${sanitize(title)}\n`, end: () => `${mark('section_end')}\n` };
};
