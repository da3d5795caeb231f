import { writeFile } from 'node:fs/promises';
import { openapi } from './openapi.ts';

/** `npm run openapi`: writes the document where the docs and the function find it. */
await writeFile('docs/openapi.json', `${JSON.stringify(openapi(), null, 2)}\n`);
