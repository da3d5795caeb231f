import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const at = (...path: string[]) => join(root, ...path);

/** Writes the whole command as one file, which Node 20 and newer run without another package. */
export const writeSingleFile = async (file: string): Promise<void> => {
  await build({
    stdin: {
      contents: "import { main } from './client/command/main.ts';\nvoid main();\n",
      resolveDir: root,
      loader: 'ts',
    },
    outfile: file,
    bundle: true,
    minify: true,
    // The stack of a fault stays readable.
    minifyIdentifiers: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    banner: { js: '#!/usr/bin/env node' },
    legalComments: 'eof',
    logLevel: 'error',
  });
  await chmod(file, 0o755);
};

/** Writes the package `leasehold`: the single file, without dependencies or scripts, so that its install needs nothing else. */
export const writePackage = async (folder: string): Promise<void> => {
  const { version, license, engines } = JSON.parse(await readFile(at('client/package.json'), 'utf8'));
  await mkdir(folder, { recursive: true });
  const description =
    'Takes a software license, keeps it while a command runs, and gives it back: the command of Leasehold.';
  const manifest = { name: 'leasehold', version, description, license, engines, bin: { leasehold: 'leasehold.cjs' } };
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...manifest, files: ['leasehold.cjs'] }, null, 2)}\n`,
  );
  await copyFile(at('client/LICENSE'), join(folder, 'LICENSE'));
  await copyFile(at('release/npm/README.md'), join(folder, 'README.md'));
  await writeSingleFile(join(folder, 'leasehold.cjs'));
};

/**
 * Writes a single executable: Node itself with the command inside.
 *
 * @param node the Node to use, of the machine that the executable is for; default: the one that runs this
 */
export const writeExecutable = async (file: string, node = process.execPath): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-executable-'));
  try {
    const [main, blob, config] = [join(folder, 'leasehold.cjs'), join(folder, 'blob'), join(folder, 'config.json')];
    await writeSingleFile(main);
    await writeFile(config, JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true }));
    execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'ignore' });
    await mkdir(dirname(file), { recursive: true });
    await copyFile(node, file);
    const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];
    const postject = at('node_modules/postject/dist/cli.js');
    execFileSync(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, ...fuse], { stdio: 'ignore' });
    await chmod(file, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** `node release/build.ts` writes all into `release/dist`; with `single-file`, `package` or `executable` that alone. */
if (import.meta.main) {
  const dist = at('release/dist');
  const targets = {
    'single-file': () => writeSingleFile(join(dist, 'leasehold.cjs')),
    package: () => writePackage(join(dist, 'npm')),
    executable: () => writeExecutable(join(dist, `leasehold-${process.platform}-${process.arch}`), process.argv[3]),
  };
  const asked = process.argv[2] as keyof typeof targets | undefined;
  await mkdir(dist, { recursive: true });
  for (const target of asked ? [targets[asked]] : Object.values(targets)) await target();
}
