import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, expect, it, vi } from 'vitest';
import { startFakeSes } from '../../infra/local/fakes/fake-ses.ts';
import { openSes } from '../../shared/outbound/ses-sender.ts';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-outbox-'));
const outbox = await startFakeSes(directory);
const client = new SESv2Client({
  endpoint: outbox.url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
});
const send = openSes('licenses@example.com', client);
afterAll(async () => {
  await outbox.stop();
  rmSync(directory, { recursive: true });
});

const letter = {
  to: 'ada@acme.example',
  subject: 'Invitation to Żółć',
  text: 'Żółć invites you.\n',
  html: '<p>Żółć invites you.</p>\n',
};
/** Returns the unfolded headers of a message, and its body. */
const read = (file: string) => {
  const message = readFileSync(join(directory, file), 'utf8').replaceAll('\r\n', '\n');
  const end = message.indexOf('\n\n');
  const headers = message
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  return { headers, body: message.slice(end), message };
};

it('writes the message that SES would send, with the text and the HTML', async () => {
  expect(await send('mail_1', letter)).toBe('mail_1');
  const { headers, body } = read('mail_1.eml');
  expect(headers).toContain('From: Leasehold <licenses@example.com>');
  expect(headers).toContain('To: ada@acme.example');
  expect(headers).toContain('X-Leasehold-Mail: mail_1');
  expect(headers).toContain('Auto-Submitted: auto-generated');
  expect(headers.find((line) => line.startsWith('Subject: '))).toMatch(
    /^Subject: (=\?UTF-8\?[BQ]\?|Invitation to =\?UTF)/i,
  );
  expect(headers.find((line) => line.startsWith('Content-Type: '))).toContain('multipart/alternative');
  expect(body).toMatch(/Content-Type: text\/plain; charset=utf-8[\s\S]+Content-Type: text\/html; charset=utf-8/);
  expect(statSync(join(directory, 'mail_1.eml')).mode & 0o777).toBe(0o600);
});

it('a mail sent twice is one file', async () => {
  await send('mail_2', letter);
  await send('mail_2', letter);
  expect(readdirSync(directory).filter((file) => file.includes('mail_2'))).toEqual(['mail_2.eml']);
});

it('no subject becomes a header', async () => {
  await send('mail_3', { ...letter, subject: 'Hello\r\nBcc: victim@example.com\r\n\r\nBody' });
  const { headers } = read('mail_3.eml');
  expect(headers.filter((line) => /^bcc/i.test(line))).toEqual([]);
  expect(headers.filter((line) => /^(subject|to|from):/i.test(line))).toHaveLength(3);
});

it('a message that is no mail of this service is not written', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  for (const id of ['../mail_4', 'mail_/../../x', '']) await expect(send(id, letter)).rejects.toThrow();
  expect(readdirSync(directory).sort()).toEqual(['mail_1.eml', 'mail_2.eml', 'mail_3.eml']);
});
