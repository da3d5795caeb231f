import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** The answer of a fake. */
interface Answer {
  status: number;
  contentType: string;
  body: object;
}

/** Serves JSON requests at a free port of this machine alone. */
export const serveJson = async (
  answer: (body: never) => Promise<Answer> | Answer,
): Promise<{ url: string; close: () => void }> => {
  const server = createServer(async (request, response) => {
    const { status, contentType, body } = await answer((await json(request)) as never);
    response.writeHead(status, { 'content-type': contentType }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
