import { functionFile, type Operation, rememberedSeconds } from '../../../shared/contracts/operation.ts';

/** A route as configured in API Gateway. */
interface Route {
  /** `GET /v1/things/{id}`, or `$default`. */
  key: string;
  /** The file of its function. */
  file: string;
  /** How long the gateway keeps the authorizer's answer, seconds; undefined if it does not ask the authorizer. */
  remembered: number | undefined;
}

export interface Match {
  route: Route;
  pathParameters?: Record<string, string>;
}

/** The documentation pages, which are no operations. */
const documentation = [
  { method: 'GET', path: '/docs', file: 'docs', remembered: undefined },
  { method: 'GET', path: '/docs/{asset}', file: 'docs', remembered: undefined },
];

const fallback: Route = { key: '$default', file: 'not-found', remembered: undefined };

const isParameter = (segment: string) => segment.startsWith('{');

/**
 * Creates the router of the operations. As in API Gateway, a literal segment comes before a parameter, a parameter is never
 * empty, a trailing slash is another path, and an unmatched request goes to `$default`.
 *
 * The router throws `URIError` if a parameter is not valid percent-encoding.
 */
export const createRouter = (operations: readonly Operation[]) => {
  const routes = [
    ...operations.map((operation) => ({
      method: operation.method as string,
      path: operation.path as string,
      file: functionFile(operation.name),
      remembered: operation.access.to === 'anyone' ? undefined : rememberedSeconds(operation),
    })),
    ...documentation,
  ]
    .map(({ method, path, file, remembered }) => ({
      method,
      segments: path.split('/'),
      route: { key: `${method} ${path}`, file, remembered },
    }))
    .sort((a, b) => a.segments.filter(isParameter).length - b.segments.filter(isParameter).length);

  return (method: string, encodedPath: string): Match => {
    const parts = encodedPath.split('/');
    const found = routes.find(
      ({ method: routeMethod, segments }) =>
        routeMethod === method &&
        segments.length === parts.length &&
        segments.every((segment, at) => (isParameter(segment) ? parts[at] !== '' : segment === parts[at])),
    );
    if (!found) return { route: fallback };
    const parameters = found.segments.flatMap((segment, at) =>
      isParameter(segment) ? [[segment.slice(1, -1), decodeURIComponent(parts[at]!)] as const] : [],
    );
    return { route: found.route, ...(parameters.length > 0 && { pathParameters: Object.fromEntries(parameters) }) };
  };
};
