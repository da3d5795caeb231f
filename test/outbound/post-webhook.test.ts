import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { type Lookup, post } from '../../shared/outbound/post-webhook.ts';
import { cert, host, key } from './certificate.ts';

const trusted = getCACertificates('default');
afterAll(() => setDefaultCACertificates(trusted));

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});
/** A target on this machine, what it was sent, and how often it was connected to. */
const target = async (answer: RequestListener, secure = false) => {
  const requests: { headers: IncomingHttpHeaders; body: string; servername?: string | false | null }[] = [];
  let connections = 0;
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      servername: (request.socket as TLSSocket).servername,
    });
    answer(request, response);
  };
  const server = secure ? createSecureServer({ key, cert }, listener) : createServer(listener);
  server.on('connection', () => connections++);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}/hook`, requests, connections: () => connections };
};
const answering = (status: number, headers: Record<string, string> = {}): RequestListener => {
  return (_, response) => response.writeHead(status, headers).end();
};

/** Resolves every name to these addresses, and counts how often it is asked. */
const resolvingTo = (...addresses: string[]) => {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _, callback) => {
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, asked };
};
const message = { headers: { 'webhook-id': 'dlv_a' }, body: '{"ü":1}' };
// The time limit is for the tests of it alone.
const strict = { loopback: false, timeoutMs: 60_000 };
const atHome = { loopback: true, timeoutMs: 60_000 };

describe('what is sent', () => {
  it('is the body as it is, with its headers, as JSON; the answer’s status comes back', async () => {
    const { url, requests } = await target(answering(202));
    expect(await post(url, message, atHome)).toEqual({ status: 202 });
    expect(requests).toMatchObject([
      {
        body: message.body,
        headers: { 'webhook-id': 'dlv_a', 'content-type': 'application/json', 'content-length': '8' },
      },
    ]);
  });
  it('goes to the very address that was checked, which knows it by the name: as host, and of its certificate', async () => {
    const { port, requests } = await target(answering(200), true);
    const { lookup, asked } = resolvingTo('127.0.0.1');
    const url = `https://${host}:${port}/hook`;
    // Nobody vouches for the certificate yet.
    expect(await post(url, message, { ...atHome, lookup })).toEqual({ error: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    setDefaultCACertificates([cert]);
    expect(await post(url, message, { ...atHome, lookup })).toEqual({ status: 200 });
    expect(requests).toMatchObject([{ servername: host, headers: { host: `${host}:${port}` } }]);
    expect(asked).toEqual([host, host]);
    const other = await post(`https://other.example.com:${port}/`, message, { ...atHome, lookup });
    expect(other).toEqual({ error: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

describe('what is not reached', () => {
  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['64:ff9b::7f00:1'],
    ['0.0.0.0'],
    // One bad address among good ones: whichever a connection would have come to.
    ['8.8.8.8', '127.0.0.1'],
  ])('a name that stands for %s %s', async (...addresses) => {
    const { port, connections } = await target(answering(200), true);
    const { lookup } = resolvingTo(...addresses.filter((address) => address !== undefined));
    const answer = await post(`https://${host}:${port}/`, message, { ...strict, lookup });
    expect(answer).toEqual({ error: 'ADDRESS_NOT_ALLOWED' });
    expect(connections()).toBe(0);
  });
  it('a name that changes between the check and the connection: there is one look-up, and that is checked', async () => {
    const { port, connections } = await target(answering(200), true);
    let asked = 0;
    const lookup: Lookup = (_, __, callback) => {
      asked++;
      callback(null, [{ address: asked === 1 ? '127.0.0.1' : '8.8.8.8', family: 4 }]);
    };
    expect(await post(`https://${host}:${port}/`, message, { ...strict, lookup })).toHaveProperty('error');
    expect({ asked, connections: connections() }).toEqual({ asked: 1, connections: 0 });
  });
  it('an address in the URL itself, however it is written', async () => {
    const { port, connections } = await target(answering(200));
    for (const address of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:7f00:1]'])
      expect(await post(`https://${address}:${port}/`, message, strict)).toEqual({ error: 'ADDRESS_NOT_ALLOWED' });
    expect(await post(`http://127.0.0.1:${port}/`, message, strict)).toEqual({ error: 'ADDRESS_NOT_ALLOWED' });
    expect(connections()).toBe(0);
  });
  it('another protocol and other ports, also if the URL was stored before they were refused', async () => {
    const { lookup, asked } = resolvingTo('8.8.8.8');
    for (const url of [`http://${host}/`, `https://${host}:22/`, 'file:///etc/passwd'])
      expect(await post(url, message, { ...strict, lookup })).toEqual({ error: 'ADDRESS_NOT_ALLOWED' });
    expect(asked).toEqual([]);
  });
  it('where a redirect points to', async () => {
    const inside = await target(answering(200));
    const outside = await target(answering(307, { location: inside.url }));
    expect(await post(outside.url, message, atHome)).toEqual({ status: 307 });
    expect(inside.connections()).toBe(0);
  });
  it('a name without an address', async () => {
    expect(await post(`https://${host}/`, message, { ...strict, ...resolvingTo() })).toHaveProperty('error');
    const lookup: Lookup = (_, __, callback) =>
      callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), undefined as never);
    expect(await post(`https://${host}/`, message, { ...strict, lookup })).toEqual({ error: 'ENOTFOUND' });
  });
});

describe('how long, how much', () => {
  it.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    ['sends headers without an end', (_, response) => response.socket?.write('HTTP/1.1 200 OK\r\nx: y\r\n')],
  ])('a target that %s is given up', async (_, answer) => {
    const { url } = await target(answer);
    expect(await post(url, message, { ...atHome, timeoutMs: 100 })).toEqual({ error: 'TIMEOUT' });
  });
  it('a name that is never resolved is given up', async () => {
    const answer = await post(`https://${host}/`, message, { ...strict, timeoutMs: 100, lookup: () => {} });
    expect(answer).toEqual({ error: 'TIMEOUT' });
  });
  it('the body of an answer comes back where it is asked for, and is short', async () => {
    const reads = { ...atHome, readsBody: true };
    const saying = (body: string) => target((_, response) => response.end(body));
    const [short, long] = [await saying('ü'.repeat(512)), await saying('ü'.repeat(513))];
    expect(await post(short.url, message, reads)).toEqual({ status: 200, body: 'ü'.repeat(512) });
    expect(await post(long.url, message, reads)).toEqual({ status: 200 });
    expect(await post(short.url, message, atHome)).toEqual({ status: 200 });
    expect(await post((await target(answering(204))).url, message, reads)).toEqual({ status: 204, body: '' });
  });
  it('the body of a refusal comes back, cut after 1,024 bytes, for its owner to read', async () => {
    const refusing = (body: string) => target((_, response) => response.writeHead(500).end(body));
    expect(await post((await refusing('out of disk')).url, message, atHome)).toEqual({
      status: 500,
      body: 'out of disk',
    });
    const long = await post((await refusing('x'.repeat(5000))).url, message, atHome);
    expect(long).toEqual({ status: 500, body: `${'x'.repeat(1024)}…` });
  });
  it('a body that is asked for, and never ends, is given up', async () => {
    const { url } = await target((_, response) => response.writeHead(200).write('x'));
    expect(await post(url, message, { ...atHome, readsBody: true, timeoutMs: 100 })).not.toHaveProperty('body');
  });
  it('an answer without an end is not read: its status is enough', async () => {
    let closed = () => {};
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { url } = await target((request, response) => {
      request.socket.on('close', closed);
      response.writeHead(200);
      const flood = setInterval(() => response.write('x'.repeat(65_536)), 1);
      request.socket.on('close', () => clearInterval(flood));
    });
    expect(await post(url, message, atHome)).toEqual({ status: 200 });
    await ended;
  });
  it('an answer with headers beyond measure is a failure', async () => {
    const { url } = await target(answering(200, { 'x-large': 'x'.repeat(100_000) }));
    expect(await post(url, message, atHome)).toEqual({ error: 'HPE_HEADER_OVERFLOW' });
  });
  it.each<[string, string, object]>([
    ['switches to no protocol in particular', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', { status: 101 }],
    [
      'switches to a protocol that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      { status: 101 },
    ],
    ['only ever says that there is more to come', 'HTTP/1.1 103 Early Hints\r\n\r\n', { error: 'TIMEOUT' }],
    ['hangs up', '', { error: 'ECONNRESET' }],
  ])('a target that %s does not keep its sender', async (_, answer, expected) => {
    const { url } = await target(({ socket }) => (answer ? socket.write(answer) : socket.destroy()));
    const limit = 'error' in expected && expected.error === 'TIMEOUT' ? { timeoutMs: 300 } : {};
    expect(await post(url, message, { ...atHome, ...limit })).toEqual(expected);
  });
  it('a target that is not there, or speaks no HTTP, is told by a word', async () => {
    expect(await post('http://127.0.0.1:1/', message, atHome)).toEqual({ error: 'ECONNREFUSED' });
    const { url } = await target((_, response) => response.socket?.end('SSH-2.0\r\n'));
    expect(await post(url, message, atHome)).toHaveProperty('error');
  });
});
