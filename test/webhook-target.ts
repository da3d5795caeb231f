import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A message as a target gets it. */
export interface Received {
  headers: Record<string, string>;
  body: string;
}

/**
 * A webhook's target on this machine, which keeps what it is sent.
 *
 * @param options.answers whether it answers its challenge, as `docs/webhooks.md` says
 */
export const startTarget = async ({
  answers = true,
} = {}): Promise<{
  url: string;
  challenges: Received[];
  events: Received[];
}> => {
  const challenges: Received[] = [];
  const events: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = { headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() };
    const { challenge } = JSON.parse(received.body);
    (challenge === undefined ? events : challenges).push(received);
    response.end(answers ? challenge : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, challenges, events };
};
