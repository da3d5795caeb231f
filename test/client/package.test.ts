import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

vi.setConfig({ hookTimeout: 120_000 });

const root = join(import.meta.dirname, '../..');
const at = (...path: string[]) => join(root, ...path);
const folder = mkdtempSync(join(tmpdir(), 'leasehold-package-'));
const modules = join(folder, 'node_modules');
const run = (command: string, args: string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const compile = (args: string[]) => {
  try {
    return run(process.execPath, [at('node_modules/typescript/bin/tsc'), ...args]);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each Node of this machine, by its version: the one of the tests, and Node 20 if there is one. */
const nodes = new Map(
  [...(process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'node')), process.execPath]
    .filter((file) => existsSync(file))
    .map((file) => [run(file, ['--version']).trim(), file]),
);

/** A folder that installs the package, with nothing but its dependencies. */
beforeAll(() => {
  const made = join(folder, 'made');
  mkdirSync(made);
  for (const file of ['package.json', 'README.md', 'LICENSE']) cpSync(at('client', file), join(made, file));
  expect(compile(['-p', at('client'), '--outDir', join(made, 'dist')])).toBe('');
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts'], made));
  mkdirSync(join(modules, '@leasehold'), { recursive: true });
  run('tar', ['-xzf', join(made, filename), '-C', join(modules, '@leasehold')]);
  run('mv', [join(modules, '@leasehold/package'), join(modules, '@leasehold/client')]);
  const { dependencies } = JSON.parse(readFileSync(at('client/package.json'), 'utf8'));
  const ours = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  for (const [name, version] of Object.entries(dependencies))
    expect({ ...ours.devDependencies, ...ours.dependencies }[name]).toBe(version);
  expect(Object.keys(dependencies)).toEqual(['commander', 'cross-spawn', 'jose', 'openid-client']);
  for (const name of Object.keys(dependencies)) symlinkSync(at('node_modules', name), join(modules, name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});

describe('the package', () => {
  it('contains the build, and nothing else', () => {
    const files = readdirSync(join(modules, '@leasehold/client'), { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map(({ name }) => name);
    expect(names.filter((name) => !/\.(js|d\.ts)$/.test(name)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    expect(names).toEqual(expect.arrayContaining(['index.js', 'index.d.ts', 'with-any-license.js']));
  });

  it('is imported by plain Node, and works', () => {
    writeFileSync(
      join(folder, 'use.mjs'),
      `import { createClient, ConnectionFailed, withLicense } from '@leasehold/client';
       import { claimOfflineLicense } from '@leasehold/client/offline';
       const client = createClient({ baseUrl: 'http://127.0.0.1:9', organizationId: 'acme', retries: { attempts: 1 } });
       const online = await withLicense(client, { product: 'KRE', machineId: 'm' }, () => {}).catch((error) => error);
       const offline = await claimOfflineLicense({ folder: 'none', keys: { keys: [] }, product: 'KRE', machineId: 'm' })
         .catch((error) => error);
       console.log(online instanceof ConnectionFailed, offline.reason);`,
    );
    expect(run(process.execPath, ['use.mjs'])).toBe('true no-file\n');
  });

  it.each([...nodes])('has the command, which Node %s runs', (_, node) => {
    const { bin } = JSON.parse(readFileSync(join(modules, '@leasehold/client/package.json'), 'utf8'));
    const command = join(modules, '@leasehold/client', bin.leasehold);
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(run(node, [command, 'run', '--help'])).toContain('--product <code>');
    const { version } = JSON.parse(readFileSync(at('client/package.json'), 'utf8'));
    expect(run(node, [command, '--version'])).toBe(`${version}\n`);
  });

  it('needs no newer Node than it says', () => {
    const { engines, dependencies } = JSON.parse(readFileSync(at('client/package.json'), 'utf8'));
    expect(engines.node).toBe('>=20');
    for (const name of Object.keys(dependencies)) {
      const needed = JSON.parse(readFileSync(at('node_modules', name, 'package.json'), 'utf8')).engines?.node ?? '>=0';
      expect(Number(/^>= ?(\d+)/.exec(needed)?.[1]), `${name} needs Node ${needed}`).toBeLessThanOrEqual(20);
    }
  });

  it('has types with which every example of its README compiles', () => {
    const examples = [...readFileSync(at('client/README.md'), 'utf8').matchAll(/```ts\n(.+?)```/gs)];
    expect(examples).toHaveLength(3);
    for (const [n, [, example = '']] of examples.entries()) writeFileSync(join(folder, `example-${n}.ts`), example);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          module: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: true,
          types: ['node'],
          typeRoots: [at('node_modules/@types')],
        },
        include: ['*.ts'],
      }),
    );
    expect(compile(['-p', folder])).toBe('');
    // With missing types, which count as `any`, everything would compile.
    writeFileSync(
      join(folder, 'wrong.ts'),
      `import { createClient, withLicense } from '@leasehold/client';
       const client = createClient({ baseUrl: '', organizationId: '' });
       client.activate({ product: 1, machineId: 'm' });
       const { nothing } = await client.getSubscription({ product: 'KRE' });
       withLicense(client, { product: 'KRE' }, () => nothing);`,
    );
    expect(compile(['-p', folder]).match(/^wrong\.ts\(\d+/gm)).toEqual(['wrong.ts(3', 'wrong.ts(4', 'wrong.ts(5']);
    rmSync(join(folder, 'wrong.ts'));
  });
});

it('the core runs in a browser: it is small, and nothing of Node or of another package is in it', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [at('client/index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  expect(Object.keys(metafile.inputs).filter((file) => !/(^|\/)client\/[^/]+\.ts$/.test(file))).toEqual([]);
  expect(outputFiles[0]?.contents.length).toBeLessThan(28 * 1024);
});
