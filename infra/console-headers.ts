/**
 * Returns the content security policy of the console: only its own origin, nothing inline, no frame around it. Requests may also
 * go to the issuer.
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

/** Returns the cache rule of a file. Files in `assets/` are named by their content and never change; all others are revalidated. */
export const cacheControlOf = (path: string): string =>
  path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
