/**
 * Where a browser that signs in comes back to: this machine (RFC 8252). The ports are fixed, since Cognito takes no others
 * than those it was told; the first that is free is used.
 */
export const redirectUris = [47_821, 47_822, 47_823].map((port) => `http://localhost:${port}/callback`);
