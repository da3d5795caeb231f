import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection to the service that a test can cut. Removed after the test; a concurrent test gives its own `over`. */
export const cuttable = async (service: string, over: (clear: () => void) => void = onTestFinished) => {
  const target = new URL(service);
  const open = new Set<Socket>();
  let cut = false;
  let refused = 0;
  const server = createServer((near) => {
    if (cut) {
      refused++;
      return near.destroy();
    }
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const disconnect = () => {
    for (const socket of open) socket.destroy();
  };
  over(() => {
    disconnect();
    server.close();
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: () => {
      cut = true;
      disconnect();
    },
    mend: () => {
      cut = false;
    },
    /** How many connections the cut has refused. */
    refused: () => refused,
  };
};
