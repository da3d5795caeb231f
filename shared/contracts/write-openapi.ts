import { writeFile } from 'node:fs/promises';
import { clientApi } from './client-api.ts';
import { openapi } from './openapi.ts';

/** `npm run openapi`: writes the OpenAPI document and the client's types and routes, both derived from the contracts. */
await writeFile('docs/openapi.json', `${JSON.stringify(openapi(), null, 2)}\n`);
await writeFile('client/api.ts', clientApi());
