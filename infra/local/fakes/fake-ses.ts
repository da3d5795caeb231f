import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { BackgroundTask } from './background-loop.ts';
import { serveJson } from './json-server.ts';

/**
 * The stand-in for SES: takes mails over SES's protocol, and writes each message into a file in a folder. A mail that is sent
 * twice is one file.
 */
export const startFakeSes = async (directory: string): Promise<BackgroundTask & { url: string }> => {
  mkdirSync(directory, { recursive: true });
  const contentType = 'application/json';
  const { url, close } = await serveJson(async (email: SendEmailCommandInput) => {
    try {
      const { id, message } = await messageOf(email);
      const file = join(directory, `${id}.eml`);
      // An invitation contains its token.
      writeFileSync(`${file}.tmp`, message, { mode: 0o600 });
      renameSync(`${file}.tmp`, file);
      return { status: 200, contentType, body: { MessageId: id } };
    } catch (error) {
      console.error(error);
      return { status: 500, contentType, body: { message: 'The mail could not be written' } };
    }
  });
  return { url, stop: async () => close() };
};

const messageOf = async ({ FromEmailAddress, Destination, Content }: SendEmailCommandInput) => {
  const { Subject, Body, Headers = [] } = Content?.Simple ?? {};
  const id = Headers.find(({ Name }) => Name === 'X-Leasehold-Mail')?.Value ?? '';
  if (!/^mail_[0-9a-z]+$/.test(id)) throw new Error('The request is no mail of this service.');
  const message = await new MailComposer({
    from: FromEmailAddress,
    to: Destination?.ToAddresses,
    subject: Subject?.Data,
    text: Body?.Text?.Data,
    html: Body?.Html?.Data,
    headers: Headers.map(({ Name = '', Value = '' }) => ({ key: Name, value: Value })),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  return { id, message };
};
