import { writeFile } from 'node:fs/promises';
import { clientApi } from './client-api.ts';
import { openapi } from './openapi.ts';

/** `npm run openapi`: writes what is derived from the contracts to where the docs, the function and the client find it. */
await writeFile('docs/openapi.json', `${JSON.stringify(openapi(), null, 2)}\n`);
await writeFile('client/api.ts', clientApi());
