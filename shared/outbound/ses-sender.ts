import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { SendEmail } from './send-mail.ts';

/**
 * Sends mails through SES, which builds the message, so no text can become a header.
 *
 * @param from the sender's address
 */
export const openSes =
  (from: string, client = new SESv2Client({})): SendEmail =>
  async (id, { to, subject, text, html }) => {
    const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
    const { MessageId = '' } = await client.send(
      new SendEmailCommand({
        FromEmailAddress: `Leasehold <${from}>`,
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: utf8(subject),
            Body: { Text: utf8(text), Html: utf8(html) },
            Headers: [
              // The same if the mail is sent twice.
              { Name: 'X-Leasehold-Mail', Value: id },
              { Name: 'Auto-Submitted', Value: 'auto-generated' },
            ],
          },
        },
      }),
    );
    return MessageId;
  };
