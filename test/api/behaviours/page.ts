import { activate } from '../../../shared/contracts/activate.ts';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicenses } from '../../../shared/contracts/grant-licenses.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listLicensedUsers } from '../../../shared/contracts/list-licensed-users.ts';
import { listMachines } from '../../../shared/contracts/list-machines.ts';
import { listOfflineLicenses } from '../../../shared/contracts/list-offline-licenses.ts';
import { removeLicense } from '../../../shared/contracts/remove-license.ts';
import { removeMachine } from '../../../shared/contracts/remove-machine.ts';
import { removeMachineLicense } from '../../../shared/contracts/remove-machine-license.ts';
import { transferActivation } from '../../../shared/contracts/transfer-activation.ts';
import { transferLicense } from '../../../shared/contracts/transfer-license.ts';
import { type As, type Json, openWorld } from '../support/harness.ts';

/** The fields of an activation that a client sends. */
export interface Client {
  as: As;
  machineId: string;
  sessionId: string;
}

/**
 * The world in the words of the License Management page: the owner's views and actions, and the calls of a client. Each call expects the status that it names first.
 */
export const openPage = async () => {
  const world = await openWorld();
  const { got, call, subscribe, userId } = world;
  const owner = { as: 'owner' as const };
  const items = async (operation: Parameters<typeof got>[1]): Promise<Json[]> =>
    (await got(200, operation, { ...owner, query: { limit: '200' } })).items;

  return {
    ...world,
    /** A product whose licenses are taken by running sessions. */
    floating: (changes: object = {}) => subscribe({ licenseType: 'floating', ...changes }),
    /** A product whose licenses belong to named users. */
    perUser: (changes: object = {}) => subscribe({ licenseType: 'per-user', ...changes }),

    figures: (): Promise<Json> => got(200, getSubscription, owner),
    online: () => items(listActivations),
    licensedUsers: () => items(listLicensedUsers),
    offlineLicenses: () => items(listOfflineLicenses),
    /** The registered machines, by machine ID: how many licenses of each kind are in use on each. */
    machines: async () =>
      (await items(listMachines)).map(({ machineId, online, offline }) => ({ machineId, online, offline })),

    start: (status: number, { as, ...body }: Client): Promise<Json> => got(status, activate, { as, body }),
    /** Sends the heartbeat of an activation. */
    beat: (status: number, as: As, { sessionId, seat, fence }: Json, more: object = {}): Promise<Json> =>
      got(status, heartbeat, { as, path: { sessionId }, body: { seat, fence, ...more } }),

    /** Grants licenses by email, and returns the outcome of each. */
    grant: async (...emails: string[]): Promise<string[]> =>
      (await got(200, grantLicenses, { ...owner, body: { emails } })).items.map(({ outcome }: Json) => outcome),
    ungrant: async (status: number, from: As) =>
      got(status, removeLicense, { ...owner, path: { userId: await userId(from) } }),
    handOver: async (status: number, from: As, to: As): Promise<Json> =>
      got(status, transferLicense, {
        ...owner,
        path: { userId: await userId(from) },
        body: { toUserId: await userId(to) },
      }),

    /** Takes the online licenses of a machine away. */
    stopOn: (status: number, machineId: string): Promise<Json> =>
      got(status, removeMachineLicense, { ...owner, path: { machineId } }),
    deactivateMachine: (status: number, machineId: string, query: Record<string, string> = {}): Promise<Json> =>
      got(status, removeMachine, { ...owner, path: { machineId }, query }),
    /** Transfers a session to another machine. */
    move: (status: number, sessionId: string, machineId: string): Promise<Json> =>
      got(status, transferActivation, { ...owner, path: { sessionId }, body: { machineId } }),

    issue: (
      status: number,
      body: { machineId: string; expiresAt?: string; description?: string; userId?: string },
    ): Promise<Json> => got(status, issueOfflineLicense, { ...owner, body }),
    /** The file of an offline license, and the name under which a browser keeps it. */
    download: async ({ id }: Json): Promise<{ file: string; name: string | undefined }> => {
      const { headers, body } = await call(getOfflineLicenseFile, { ...owner, path: { licenseId: id } });
      return { file: body, name: /filename="([^"]+)"/.exec(headers['content-disposition'] ?? '')?.[1] };
    },
  };
};
