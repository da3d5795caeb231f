import { ConnectionFailed, type ConnectionReason, UnexpectedAnswer } from './errors.ts';

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

/** Returns the code of Node's network error, which `fetch` wraps; undefined in browsers, which hide it. */
export const networkCode = (failure: { cause?: unknown }): string | undefined =>
  codeOf(failure.cause) ?? codeOf((failure.cause as Error | undefined)?.cause);

/** The advice for each failure of the network, and the codes of Node by which it shows. */
const networkFailures: readonly (readonly [ConnectionReason, codes: RegExp, text: string])[] = [
  ['host-not-found', /^(ENOTFOUND|EAI_)/, 'the host name was not found. Check the URL, your DNS and your proxy'],
  ['refused', /^ECONNREFUSED$/, 'nothing listens there. Check the port, and whether the service runs'],
  [
    'tls',
    /CERT|SIGNATURE|SSL|TLS|^EPROTO$/,
    'its TLS certificate or protocol was not accepted. For a CA of your own set NODE_EXTRA_CA_CERTS to its file',
  ],
  [
    'unanswered',
    /TIMEOUT|TIMEDOUT|^E(HOST|NET)UNREACH$/,
    'no answer came. A firewall may block the way; check your network and your proxy',
  ],
];

/** Returns the innermost reason of a failed `fetch`, such as `Proxy response (407) !== 200 when HTTP Tunneling`. */
const innermost = (error: unknown): string =>
  error instanceof Error ? (error.cause ? innermost(error.cause) : error.message) : String(error);

/** Explains in one sentence why no answer came, and what to do. */
const explainConnection = (url: URL, cause: unknown): { reason: ConnectionReason; message: string } => {
  const code = networkCode({ cause });
  const known = networkFailures.find(([, codes]) => code !== undefined && codes.test(code));
  const [reason, , text] = known ?? [
    'broken' as const,
    undefined,
    'the connection broke. Check your network and your proxy',
  ];
  return { reason, message: `Can't reach ${url.origin}: ${text} (${known ? code : innermost(cause)}).` };
};

/** Returns the error for a request that got no answer. */
export const connectionFailed = (url: URL, cause: unknown): ConnectionFailed => {
  const { message, reason } = explainConnection(url, cause);
  return new ConnectionFailed(message, { reason, cause });
};

const isPage = (headers: Headers, text: string): boolean =>
  /^text\/html\b/i.test(headers.get('content-type') ?? '') || /^\s*<(!doctype|html)/i.test(text);

/** Explains an answer that is not the service's: what came instead, and what to do. */
export const unexpectedAnswer = (url: URL, status: number, headers: Headers, text: string): UnexpectedAnswer => {
  const requestId = headers.get('x-request-id') ?? headers.get('apigw-requestid') ?? undefined;
  const from = `${url.origin} answered ${status}`;
  const what = () => {
    if (status === 0 || (status >= 300 && status < 400))
      return `${url.origin} redirects the request, which the service never does: a sign-in page or a proxy is in between, or the URL is wrong.`;
    if (status === 429)
      return `${from}: a firewall before the service counts too many requests from this address. Wait a minute, and send fewer.`;
    if (isPage(headers, text))
      return status >= 500
        ? `${from} with a web page: the service, or a proxy before it, is away for now. Try again later.`
        : `${from} with a web page instead of the service's JSON: check the URL, and whether a proxy or a sign-in page is in between.`;
    const began = text.replace(/\s+/g, ' ').trim().slice(0, 100);
    return `${from}, but not as the service does${began ? ` ("${began}")` : ''}: check the URL, and what is in between.`;
  };
  return new UnexpectedAnswer(what(), status, requestId);
};
