import { startService } from '../client/service.ts';

/** The real service, for a whole test file, and the configuration of a runner that uses it. */
export const startRunner = async () => {
  const service = await startService();
  const { baseUrl, organizationId, apiKey } = service.credentials;
  const environment = {
    LEASEHOLD_URL: baseUrl,
    LEASEHOLD_ORGANIZATION: organizationId,
    LEASEHOLD_API_KEY: apiKey,
    LEASEHOLD_MACHINE_ID: 'runner-1',
  };
  /** The sessions that have a license. */
  const online = async (product: string) =>
    (await service.as('owner').listActivations({ product })).items.map(({ sessionId }) => sessionId);
  return { ...service, environment, online };
};
