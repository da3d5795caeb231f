import * as z from 'zod';
import { operation } from './operation.ts';

export const getOfflineLicenseFile = operation({
  name: 'getOfflineLicenseFile',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/offline-licenses/{licenseId}/file',
  tag: 'Offline licenses',
  summary: 'Download the file of an offline license',
  description:
    'A JSON Web Signature (RFC 7515) in its compact form, to be verified without a network with a key of ' +
    '`/.well-known/jwks.json`. The same bytes each time. The service no longer gives out the file of a voided license (403).',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  answers: {
    200: {
      description: 'The file.',
      mediaType: 'application/jose',
      body: z.string(),
      headers: z.object({
        'Content-Disposition': z.string().meta({ example: 'attachment; filename="KSE_laptop-12.lic"' }),
      }),
    },
  },
  table: {
    ORG: ['GetItem'],
    TRAIL: ['PutItem'],
    POOL: ['GetItem', 'UpdateItem'],
  },
  signingKeys: 'sign',
  impact: 'The files of offline licenses cannot be downloaded; those that were downloaded work.',
});
