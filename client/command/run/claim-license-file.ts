import { claimOfflineLicense, keptKeys, type OfflineHold } from '../../offline/index.ts';
import { CommandFailed } from '../exit-codes.ts';
import type { offlineOf } from '../settings/options.ts';

/**
 * Claims a license file, by the settings of the command.
 *
 * @throws OfflineLicenseRefused if no file is good
 * @throws CommandFailed if the files can't be read, or the folder of the state can't be written
 */
export const claimLicenseFile = async (
  { folder, keysFile, stateFolder }: ReturnType<typeof offlineOf>,
  license: { product: string; machineId: string },
): Promise<OfflineHold> => {
  const keys = await keptKeys(keysFile).catch((cause: Error) => {
    throw new CommandFailed(
      'configuration',
      `${keysFile} can't be used (${cause.message}). Fetch the keys anew with \`leasehold offline keys\`.`,
      { cause },
    );
  });
  try {
    return await claimOfflineLicense({ folder, keys, stateFolder, ...license });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CommandFailed(
      'configuration',
      `The license files in ${folder} can't be used (${(error as Error).message}). Make that folder readable, and set ` +
        'LEASEHOLD_OFFLINE_STATE to a folder that you may write to.',
      { cause: error },
    );
  }
};
