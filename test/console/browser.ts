import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where systems keep it. The headless shell, which has no window, does the same work in three quarters of the time. */
const usual = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

/**
 * Starts the Chromium of this machine, or the one that `CHROMIUM` names, without a window.
 *
 * @throws Error that says what to install, if there is none
 */
export const startChromium = (): Promise<Browser> => {
  const executablePath = process.env.CHROMIUM || usual.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error(
      'The console is tested in Chromium, and there is none: install it (Debian, Ubuntu: `apt-get install chromium`; macOS, ' +
        'Windows: Google Chrome), or name another by CHROMIUM=/path/to/it.',
    );
  return chromium.launch({
    executablePath,
    chromiumSandbox: false,
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-software-rasterizer',
      // A page lives for seconds. To compile its hot code again, for speed, is a tenth of the whole work and never pays.
      '--js-flags=--no-opt,--no-maglev',
    ],
  });
};
