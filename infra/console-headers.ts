/**
 * What a browser is told with every file of the console: everything comes from the page's own origin, nothing inline, no
 * frame around it. The sign-in's issuer alone may be asked from it too.
 *
 * @param issuers origins of the issuer, other than the page's own
 */
export const contentSecurityPolicy = (issuers: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...issuers].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Files under `assets/` are named by their content, and never change; all others are asked for again each time. */
export const cacheControlOf = (path: string): string =>
  path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
