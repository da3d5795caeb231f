import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { accounts } from '../../infra/local/accounts.ts';
import { startChromium } from './browser.ts';
import { fill, placesOf } from './scene.ts';
import { startStack } from './stack.ts';

/** `npm run screenshots`: a picture of each page, as the owner and others see it, wide and on a phone, bright and dark. */
const directory = join(import.meta.dirname, '../../dist/screenshots');
const [stack, browser] = await Promise.all([startStack(), startChromium()]);

const looks = {
  wide: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 375, height: 700 } },
} as const;

try {
  await fill(stack);
  mkdirSync(directory, { recursive: true });
  for (const [look, options] of Object.entries(looks)) {
    for (const as of ['owner', 'user', 'vendor'] as const) {
      const context = await browser.newContext({ baseURL: stack.baseUrl, ...options });
      const page = await context.newPage();
      await page.goto('/');
      await page.locator(`button[value="${accounts[as].email}"]`).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const { name, path } of placesOf(stack).filter((place) => place.as === as)) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        const file = join(directory, `${name}-${look}.png`);
        await page.screenshot({ path: file, fullPage: true });
        console.info(relative(process.cwd(), file));
      }
      await context.close();
    }
  }
} finally {
  await Promise.all([browser.close(), stack.remove()]);
}
