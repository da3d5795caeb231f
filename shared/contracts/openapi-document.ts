import * as z from 'zod';
import { operation } from './operation.ts';

export const openapiDocument = operation({
  name: 'openapiDocument',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'Service',
  summary: 'This API as an OpenAPI 3.1 document',
  access: { to: 'anyone' },
  answers: { 200: { description: 'The document.', body: z.looseObject({ openapi: z.string() }) } },
  table: {},
  impact: 'The API’s description cannot be read; licensing itself works.',
});
