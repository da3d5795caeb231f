import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * The middleware that puts the security headers on every answer of a function, refusals included. An API's answers are
 * never a page: nothing may frame, sniff, run or cache them. The middleware omits headers that only pages need.
 *
 * @param contentSecurityPolicy the directives; `false` where an answer is a page and brings its own
 */
export const securityHeaders = (
  contentSecurityPolicy: Record<string, string> | false = { 'default-src': "'none'", 'frame-ancestors': "'none'" },
) =>
  httpSecurityHeaders({
    contentSecurityPolicy,
    permissionsPolicy: false,
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    dnsPrefetchControl: false,
    downloadOptions: false,
    permittedCrossDomainPolicies: false,
  });
