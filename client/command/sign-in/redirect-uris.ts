/**
 * The redirect URIs of a sign-in by browser, on this machine (RFC 8252). The ports are fixed, as Cognito accepts registered
 * ones only; the command uses the first free one.
 */
export const redirectUris = [47_821, 47_822, 47_823].map((port) => `http://localhost:${port}/callback`);
