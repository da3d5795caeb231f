import { jwks } from '../shared/contracts/jwks.ts';
import { serve } from '../shared/http/serve.ts';
import { licenseKeys } from '../shared/signing/keys.ts';

export const handler = serve(jwks, async () => ({ status: 200, body: { keys: await licenseKeys() } }));
