import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { BackgroundTask } from './background-loop.ts';

/**
 * What SES is on AWS: takes mails over SES's own protocol, at a port of this machine alone, and writes the message that
 * SES would send into a folder, a file for each. One that is sent twice, which its reader may get twice, is one file.
 */
export const startFakeSes = async (directory: string): Promise<BackgroundTask & { url: string }> => {
  mkdirSync(directory, { recursive: true });
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { id, message } = await messageOf(JSON.parse(Buffer.concat(chunks).toString()));
      const file = join(directory, `${id}.eml`);
      // The token of an invitation is in it.
      writeFileSync(`${file}.tmp`, message, { mode: 0o600 });
      renameSync(`${file}.tmp`, file);
      answer(200, { MessageId: id });
    } catch (error) {
      console.error(error);
      answer(500, { message: 'The mail could not be written' });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const messageOf = async ({ FromEmailAddress, Destination, Content }: SendEmailCommandInput) => {
  const { Subject, Body, Headers = [] } = Content?.Simple ?? {};
  const id = Headers.find(({ Name }) => Name === 'X-Leasehold-Mail')?.Value ?? '';
  if (!/^mail_[0-9a-z]+$/.test(id)) throw new Error('It is no mail of this service.');
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
