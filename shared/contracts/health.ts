import * as z from 'zod';
import { operation } from './operation.ts';

export const health = operation({
  name: 'health',
  method: 'GET',
  path: '/v1/health',
  tag: 'Service',
  summary: 'Is the service up?',
  description: 'Reads one item of the table: 200 says that the service can reach its data.',
  access: { to: 'anyone' },
  answers: { 200: { description: 'It is.', body: z.object({ status: z.literal('ok') }) } },
  table: {
    ORG: ['GetItem'],
  },
  impact: 'Health checks fail; licensing itself may work.',
});
