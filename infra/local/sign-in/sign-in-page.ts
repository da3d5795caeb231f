import { type Account, accounts } from '../demo-accounts.ts';

const text = (value: string) => value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const choice = ({ email, name }: Account) =>
  `<button name="email" value="${text(email)}"><b>${text(name)}</b><span>${text(email)}</span></button>`;

const page = (title: string, main: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/favicon.svg">
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 24rem; margin: 10vh auto; padding: 0 1rem }
  form { display: grid; gap: .5rem; margin-top: 1rem }
  button, input { font: inherit; padding: .6rem .8rem; border: 1px solid #8888; border-radius: .5rem; text-align: left }
  button { display: flex; justify-content: space-between; gap: 1rem; cursor: pointer }
  button span { font-size: .875em }
</style>
<main>
${main.trim()}
</main>
</html>
`;

/** The page that stands in for a real sign-in: pick who you are. It asks for no password. */
export const signInPage = (hint = ''): string =>
  page(
    'Sign in to Leasehold',
    `  <h1>Sign in</h1>
  <p>This is the local stack: choose who you are. There are no passwords.</p>
  <form method="post">${Object.values<Account>(accounts).map(choice).join('\n    ')}</form>
  <form method="post">
    <label for="email">Or anyone else, an invited person for example</label>
    <input id="email" name="email" type="email" required placeholder="name@example.com" value="${text(hint)}">
    <button>Continue</button>
  </form>
`,
  );

/**
 * The page that asks whether to sign out.
 *
 * @param form the provider's own, with its token against forgery; it is sent by a button that names it
 */
export const signOutPage = (form: string): string =>
  page(
    'Sign out of Leasehold',
    `  <h1>Sign out</h1>
  <p>You can sign in again as somebody else.</p>
  ${form}
  <p><button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button></p>`,
  );

/** The texts of the provider's errors, by name. */
const codeErrors: Readonly<Record<string, string>> = {
  AbortedError: 'The sign-in was refused.',
  AlreadyUsedError: 'This code was used already.',
  ExpiredError: 'This code has expired.',
  NoCodeError: 'Enter the code.',
  NotFoundError: 'There is no such code.',
};

/**
 * The page where the code of another device is entered.
 *
 * @param form the provider's own, as that of {@link signOutPage}
 * @param error the name of the last code's error
 */
export const codePage = (form: string, error?: string): string =>
  page(
    'Sign in to Leasehold',
    `  <h1>Sign in another device</h1>
  <p>${error === undefined ? 'Enter the code that it shows.' : (codeErrors[error] ?? 'That did not work: try again.')}</p>
  ${form}
  <p><button form="op.deviceInputForm">Continue</button></p>`,
  );

/** The page that asks whether a code is that of the person's own device. */
export const codeConfirmPage = (form: string, code: string): string =>
  page(
    'Sign in to Leasehold',
    `  <h1>Sign in another device</h1>
  <p>Does it show the code <b>${text(code)}</b>? If not, somebody else wants to sign in as you.</p>
  ${form}
  <p><button form="op.deviceConfirmForm" autofocus>Continue</button></p>
  <p><button form="op.deviceConfirmForm" name="abort" value="yes">Refuse</button></p>`,
  );

/** The page at the end of a sign-in with a code. */
export const signedInPage: string = page(
  'Signed in to Leasehold',
  '  <h1>Signed in</h1>\n  <p>You can close this page.</p>',
);
