import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Page } from 'playwright-core';
import { startDynamoDbLocal } from '../../infra/local/database/dynamodb-process.ts';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { documents } from '../../shared/table/store/table.ts';
import { startChromium } from './browser.ts';
import { fillPast } from './past.ts';
import { fill, placesOf } from './scene.ts';
import { onDatabase, startStack } from './stack.ts';

/** `npm run screenshots`: a picture of each page, as the owner and others see it, wide and on a phone, bright and dark. */
const directory = join(import.meta.dirname, '../../dist/screenshots');
const { endpoint, stop } = await startDynamoDbLocal();
const credentials = { accessKeyId: 'screenshots', secretAccessKey: 'secret' };
const name = 'Leasehold';
const [stack, browser] = await Promise.all([startStack(onDatabase({ endpoint, name, credentials })), startChromium()]);
const dynamodb = new DynamoDBClient({ endpoint, credentials, region: 'eu-central-1' });

const looks = {
  wide: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 375, height: 700 } },
} as const;

/** The use of the last month, by day. */
const byDay = async (page: Page) => {
  await page.getByRole('heading', { name: 'Waiting for a license' }).waitFor();
  await page
    .getByRole('row', { name: /nightly/ })
    .first()
    .waitFor();
};

try {
  await fill(stack);
  const table = { name, client: documents(dynamodb), actor: 'service#screenshots' as const };
  await fillPast(table, { organizationId: stack.organizationId, product: 'KRE' });
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
        if (name === 'usage') await byDay(page);
        const file = join(directory, `${name}-${look}.png`);
        await page.screenshot({ path: file, fullPage: true });
        console.info(relative(process.cwd(), file));
      }
      await context.close();
    }
  }
} finally {
  await Promise.all([browser.close(), stack.remove()]);
  await stop();
}
