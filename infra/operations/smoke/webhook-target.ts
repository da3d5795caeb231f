import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Message {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A webhook's target on this machine. */
export interface WebhookTarget {
  /** The received messages, without the challenges, which the target answers. */
  readonly messages: readonly Message[];
  readonly url: string;
  readonly close: () => void;
}

/**
 * Starts a webhook's target.
 *
 * @param port 0: any free one
 */
export const startWebhookTarget = async (port: number): Promise<WebhookTarget> => {
  const messages: Message[] = [];
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const { challenge } = JSON.parse(body);
      if (challenge === undefined) messages.push({ headers: request.headers as Record<string, string>, body });
      response.end(challenge);
    } catch {
      response.writeHead(400).end();
    }
  });
  await once(server.listen(port), 'listening');
  return {
    messages,
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
