/** The three settings of a runner. */
export interface RunnerSettings {
  /** The service's URL. */
  readonly url: string;
  readonly organizationId: string;
  /** An API key. */
  readonly key: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Where runners get their settings from; `--for` of the command. */
export const runnerPlaces = ['shell', 'github', 'gitlab'] as const;
export type RunnerPlace = (typeof runnerPlaces)[number];

/**
 * Returns the settings of a runner as one block to paste into a shell: `shell` sets them there, `github` and `gitlab` store
 * them in the repository of the folder, by the CLI of that service (`gh`, `glab`).
 */
export const runnerBlock = (place: RunnerPlace, { url, organizationId, key }: RunnerSettings): string => {
  const [address, organization, secret] = [url, organizationId, key].map(quoted);
  const lines = {
    shell: [
      `export LEASEHOLD_URL=${address}`,
      `export LEASEHOLD_ORGANIZATION=${organization}`,
      `export LEASEHOLD_API_KEY=${secret}`,
    ],
    github: [
      `gh variable set LEASEHOLD_URL --body ${address}`,
      `gh variable set LEASEHOLD_ORGANIZATION --body ${organization}`,
      `gh secret set LEASEHOLD_API_KEY --body ${secret}`,
    ],
    gitlab: [
      `glab variable set LEASEHOLD_URL ${address}`,
      `glab variable set LEASEHOLD_ORGANIZATION ${organization}`,
      `glab variable set LEASEHOLD_API_KEY ${secret} --masked`,
    ],
  };
  return lines[place].join('\n');
};
