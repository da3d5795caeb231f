import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { createClient } from '../../client.ts';
import { Unauthenticated } from '../../errors.ts';
import { connectionFailed } from '../../explain.ts';
import { CommandFailed } from '../exit-codes.ts';
import { type CommandContext, type OutputFlags, printResult } from '../output/output.ts';
import { plain } from '../output/render-table.ts';
import { printMessage } from '../output/wait-progress.ts';
import { configure } from '../settings/config.ts';
import { fetchOf, serviceUrl, withAddress } from '../settings/options.ts';
import { baseOf, isWebAddress, requireEncryption } from '../settings/urls.ts';
import type { OidcClient } from '../sign-in/sign-in.ts';
import { deleteSignIn, requireWritableStore, type SignIn, saveSignIn } from '../sign-in/sign-in-store.ts';

interface LoginFlags extends OutputFlags {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly browser: boolean;
  readonly device?: true;
}

const withService = (command: Command): Command => withAddress(command).option('--json', 'as JSON');

const scopes = ['openid', 'email', 'profile'];

type PublishedConfig = Partial<OidcClient & { readonly commandClientId: string }>;

/** Fetches the configuration of the service's console; undefined if there is none. */
const fetchConsoleConfig = async (address: URL, fetchAs: typeof fetch): Promise<PublishedConfig | undefined> => {
  const response = await fetchAs(address, { signal: AbortSignal.timeout(15_000), redirect: 'manual' }).catch(
    (cause: unknown) => {
      throw connectionFailed(address, cause);
    },
  );
  return response.ok ? ((await response.json().catch(() => undefined)) as PublishedConfig | undefined) : undefined;
};

/** Returns the OpenID Connect client to sign in with: from the flags, or from the service's console. */
const issuerOf = async (url: string, { issuer, clientId }: LoginFlags, fetchAs: typeof fetch): Promise<OidcClient> => {
  if (issuer !== undefined && !isWebAddress(issuer))
    throw new CommandFailed(
      'usage',
      `"${issuer}" is no address of an issuer, which is like https://login.example.com.`,
    );
  if (issuer !== undefined && clientId !== undefined) return { issuer, clientId, scopes };
  const address = new URL('config.json', baseOf(url));
  const published = await fetchConsoleConfig(address, fetchAs);
  const client = {
    issuer: issuer ?? published?.issuer,
    clientId: clientId ?? published?.commandClientId ?? published?.clientId,
  };
  if (typeof client.issuer !== 'string' || !isWebAddress(client.issuer) || typeof client.clientId !== 'string')
    throw new CommandFailed(
      'unavailable',
      `${address} does not name an issuer to sign in with: use --issuer and --client-id.`,
    );
  return {
    issuer: client.issuer,
    clientId: client.clientId,
    scopes: Array.isArray(published?.scopes) ? published.scopes : scopes,
  };
};

/** Opens an address in the browser, if there is one. The address was also printed. */
const openBrowser = (address: string): void => {
  const [command, ...args] = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  }[process.platform as string] ?? ['xdg-open'];
  const child = spawn(command ?? '', [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
};

/** Signs in, and prints what the person has to do. */
const signInOf = async (
  { screen }: CommandContext,
  client: OidcClient,
  { device, browser }: LoginFlags,
  fetchAs: typeof fetch,
): Promise<SignIn> => {
  const { signInByBrowser, signInByCode } = await import('../sign-in/sign-in.ts');
  if (device)
    return signInByCode(
      client,
      ({ verification_uri, user_code }) =>
        printMessage(screen, `On any device open\n  ${verification_uri}\nand enter the code\n  ${user_code}`),
      fetchAs,
    );
  return signInByBrowser(
    client,
    ({ href }) => {
      printMessage(screen, `Sign in at\n  ${href}`);
      if (browser) openBrowser(href);
    },
    fetchAs,
  );
};

/**
 * Returns the organizations of the person who has just signed in.
 *
 * @throws CommandFailed if the service does not accept this sign-in
 */
const organizationsOf = async (url: string, { idToken, issuer, clientId }: SignIn, fetchAs: typeof fetch) => {
  const organizations: { id: string; name: string; role: string | null | undefined }[] = [];
  try {
    const client = createClient({ baseUrl: url, credential: idToken, fetch: fetchAs });
    for await (const { id, name, role } of client.listOrganizations({ limit: 200 }))
      organizations.push({ id, name, role });
    return organizations;
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    throw new CommandFailed(
      'credential',
      `${url} does not accept sign-ins with ${issuer} as the client ${clientId}: nothing was saved. Check --issuer and --client-id.`,
      { cause: error },
    );
  }
};

/** `leasehold login`. */
export const loginCommand = (context: CommandContext): Command =>
  withService(new Command('login'))
    .description('sign in through a browser; commands without an API key then act as you')
    .option('--issuer <url>', 'the OpenID Connect issuer, instead of the one that the service names')
    .option('--client-id <id>', 'the client at that issuer')
    .option('--no-browser', 'only print the address that a browser on this machine must open')
    .option('--device', 'enter a code in a browser on any device, if the issuer offers that')
    .action(async (flags: LoginFlags) => {
      const configuration = await configure(flags, context.environment, flags.config);
      const url = serviceUrl(configuration);
      requireEncryption(url);
      const fetchAs = fetchOf(context.screen, flags);
      await requireWritableStore(context.environment);
      const issuer = await issuerOf(url, flags, fetchAs);
      printMessage(context.screen, `To use ${url} you sign in with ${issuer.issuer}.`);
      const signIn = await signInOf(context, issuer, flags, fetchAs);
      // A sign-in that the service refuses must not replace a good one.
      const organizations = await organizationsOf(url, signIn, fetchAs);
      await saveSignIn(context.environment, url, signIn);
      printResult(context, flags, { url, organizations }, [
        `You are signed in to ${url}.`,
        ...organizations.map(
          ({ id, name, role }) => `  --organization ${id}: ${plain(name)}${role ? `, as ${role}` : ''}`,
        ),
      ]);
      if (configuration.apiKey !== undefined)
        printMessage(
          context.screen,
          'leasehold: an API key is configured and is used instead of this sign-in. Remove the key to use the sign-in.',
        );
    });

/** `leasehold logout`. */
export const logoutCommand = (context: CommandContext): Command =>
  withService(new Command('logout'))
    .description('forget the sign-in, and end it at its issuer; repeating is harmless')
    .action(async (flags: OutputFlags) => {
      const url = serviceUrl(await configure(flags, context.environment, flags.config));
      const gone = await deleteSignIn(context.environment, url);
      if (gone) {
        const { revoke } = await import('../sign-in/sign-in.ts');
        await revoke(gone, fetchOf(context.screen, flags)).catch(({ message }: Error) =>
          printMessage(
            context.screen,
            `leasehold: ${gone.issuer} was not reached (${message}). The sign-in is removed from this machine.`,
          ),
        );
      }
      printResult(context, flags, { url }, [`You are signed out of ${url}.`]);
    });
