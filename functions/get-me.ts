import { getMe } from '../shared/contracts/get-me.ts';
import { identityOf } from '../shared/domain/accounts/principal.ts';
import { serve } from '../shared/http/serve.ts';

export const handler = serve(getMe, async ({ known }) => ({ status: 200, body: identityOf(known) }));
