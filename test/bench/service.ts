import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { createGateway } from '../../infra/local/gateway/api-gateway.ts';
import { loadFunctions } from '../../infra/local/lambda/load-functions.ts';

// The service in a thread of its own, so that the load takes none of its time: the functions behind the local
// gateway. The service posts its port, and ends with its thread.
const server = createServer(createGateway(await loadFunctions()));
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
