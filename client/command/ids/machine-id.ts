import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';

const output = async (command: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { encoding: 'utf8', timeout: 5000, windowsHide: true })).stdout;

/** The sources of the machine ID, by operating system. */
const sources: Readonly<Partial<Record<NodeJS.Platform, readonly (() => Promise<string | undefined>)[]>>> = {
  linux: ['/etc/machine-id', '/var/lib/dbus/machine-id'].map((path) => () => readFile(path, 'utf8')),
  freebsd: [() => readFile('/etc/hostid', 'utf8')],
  darwin: [
    async () =>
      /"IOPlatformUUID" = "([^"]+)"/.exec(await output('/usr/sbin/ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'))?.[1],
  ],
  win32: [
    async () =>
      /MachineGuid\s+REG_SZ\s+(\S+)/.exec(
        await output('reg', 'query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid', '/reg:64'),
      )?.[1],
  ],
};

/**
 * Returns the ID of a machine and user, without revealing either: a program must not expose the operating system's machine
 * ID (machine-id(5)).
 */
export const machineIdOf = (machine: string, user: string): string =>
  createHmac('sha256', machine.trim()).update(`leasehold\0${user}`).digest('hex').slice(0, 32);

const currentUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have no name.
    return String(process.getuid?.());
  }
};

/** Returns the operating system's ID of this machine; without one, as in many containers, the host name. */
const currentMachine = async (): Promise<string> => {
  for (const source of sources[process.platform] ?? []) {
    const found = (await source().catch(() => undefined))?.trim();
    // systemd writes this word during the first boot.
    if (found && found !== 'uninitialized') return found;
  }
  return hostname();
};

/** Returns the stable ID of this machine for this user. */
export const thisMachineId = async (): Promise<string> => machineIdOf(await currentMachine(), currentUser());
