import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Refusal } from './startup-error.ts';

/** What DynamoDB Local runs on. */
const OLDEST_JAVA = 17;

const WHAT_TO_DO =
  'install a JDK, e.g. `apt-get install default-jre-headless` or `brew install openjdk`, ' +
  'or set DYNAMODB_ENDPOINT to a DynamoDB that runs elsewhere.';

/** The major version that `java -version` tells; undefined if there is no Java behind that command. */
const majorVersion = (command: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    // macOS has a /usr/bin/java that only says where to get one; it exits with an error.
    execFile(command, ['-version'], { timeout: 10_000, windowsHide: true }, (error, _stdout, stderr) => {
      const version = error ? undefined : /version "(?:1\.)?(\d+)/.exec(stderr)?.[1];
      resolve(version === undefined ? undefined : Number(version));
    });
  });

/**
 * The command of a Java that is new enough: JAVA_HOME's, else the PATH's.
 *
 * @throws Refusal if there is none.
 */
export const findJava = async (environment: NodeJS.ProcessEnv = process.env): Promise<string> => {
  const candidates = [...(environment.JAVA_HOME ? [join(environment.JAVA_HOME, 'bin', 'java')] : []), 'java'];
  let tooOld: number | undefined;
  for (const command of candidates) {
    const version = await majorVersion(command);
    if (version !== undefined && version >= OLDEST_JAVA) return command;
    tooOld ??= version;
  }
  const found = tooOld === undefined ? 'and there is no Java' : `and this is Java ${tooOld}`;
  throw new Refusal(
    `Leasehold's local stack needs Java ${OLDEST_JAVA} or newer (DynamoDB Local runs on it), ${found}: ${WHAT_TO_DO}`,
  );
};
