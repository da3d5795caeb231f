import document from '../docs/openapi.json' with { type: 'json' };
import { openapiDocument } from '../shared/contracts/openapi-document.ts';
import { serve } from '../shared/http/serve.ts';

export const handler = serve(openapiDocument, async () => ({ status: 200, body: document }));
