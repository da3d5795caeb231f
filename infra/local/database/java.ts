import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { StartupError } from '../startup-error.ts';

/** DynamoDB Local needs this Java. */
const OLDEST_JAVA = 17;

/** Advice for a machine without a Java. */
export const INSTALL = 'install a JDK, e.g. `apt-get install default-jdk-headless` or `brew install openjdk`';
const WHAT_TO_DO = `${INSTALL}, or set DYNAMODB_ENDPOINT to a DynamoDB that runs elsewhere.`;

/** A Java that answers nothing by then has failed, ms. */
const PATIENCE_MS = 60_000;

/** A Java that is new enough. */
export interface Java {
  command: string;
  /** Whether this Java runs source files: a JDK does, a JRE alone does not. */
  compiles: boolean;
}

/** The major version that `java -version` tells; undefined if there is no Java behind that command. */
const majorVersion = (command: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    // macOS has a /usr/bin/java that only says where to get one; it exits with an error.
    execFile(command, ['-version'], { timeout: PATIENCE_MS, windowsHide: true }, (error, _stdout, stderr) => {
      const version = error ? undefined : /version "(?:1\.)?(\d+)/.exec(stderr)?.[1];
      resolve(version === undefined ? undefined : Number(version));
    });
  });

const hasCompiler = (command: string): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(command, ['--list-modules'], { timeout: PATIENCE_MS, windowsHide: true }, (error, stdout) =>
      resolve(!error && /^jdk\.compiler@/m.test(stdout)),
    );
  });

/**
 * Finds a Java that is new enough: JAVA_HOME's, otherwise the PATH's.
 *
 * @throws StartupError if there is none
 */
export const findJava = async (environment: NodeJS.ProcessEnv = process.env): Promise<Java> => {
  const candidates = [...(environment.JAVA_HOME ? [join(environment.JAVA_HOME, 'bin', 'java')] : []), 'java'];
  let tooOld: number | undefined;
  for (const command of candidates) {
    const version = await majorVersion(command);
    if (version !== undefined && version >= OLDEST_JAVA) return { command, compiles: await hasCompiler(command) };
    tooOld ??= version;
  }
  const found = tooOld === undefined ? 'and there is no Java' : `and this is Java ${tooOld}`;
  throw new StartupError(
    `Leasehold's local stack needs Java ${OLDEST_JAVA} or newer (DynamoDB Local runs on it), ${found}: ${WHAT_TO_DO}`,
  );
};
