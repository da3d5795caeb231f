import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type * as Workflows from '@actions/workflow-parser';
import type * as Actions from '@actions/workflow-parser/actions/index';
import { validate } from 'dockerfile-utils';
import { build } from 'esbuild';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { version } from '../../client/version.ts';
import { writePackage } from '../../release/build.ts';
import { inProcess } from '../command/in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (command: string, args: string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8' });
const content = (file: string) => readFileSync(file, 'utf8');

describe('the package `leasehold`', () => {
  /** Each Node of this machine, by its version. */
  const nodes = new Map(
    [...(process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'node')), process.execPath]
      .filter((file) => existsSync(file))
      .map((file) => [run(file, ['--version']).trim(), file]),
  );

  it('is one small file without dependencies, installs without a network, and runs on each Node of this machine', async () => {
    const made = join(folder, 'made');
    await writePackage(made);
    const [{ filename, files, size }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], made));
    expect(files.map(({ path }: { path: string }) => path).sort()).toEqual([
      'LICENSE',
      'README.md',
      'leasehold.cjs',
      'package.json',
    ]);
    expect(size).toBeLessThan(100 * 1024);
    const manifest = JSON.parse(content(join(made, 'package.json')));
    expect(manifest).toMatchObject({ name: 'leasehold', version, bin: { leasehold: 'leasehold.cjs' } });
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key))).toEqual([]);

    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, join(folder, filename)]);
    const command = join(folder, 'node_modules/.bin/leasehold');
    for (const [name, node] of nodes) {
      expect(run(node, [command, '--version']), name).toBe(`${version}\n`);
      expect(run(node, [command, 'run', '--help']), name).toContain('--product <code>');
    }
  });

  it('has one version everywhere', () => {
    expect(version).toBe(JSON.parse(content('client/package.json')).version);
    for (const file of [
      ...globSync('docs/ci/*'),
      'release/gitlab/templates/leasehold.yml',
      'release/jenkins/vars/leasehold.groovy',
    ])
      for (const [, named] of content(file).matchAll(/leasehold(?:\/client)?[@:](\d+\.\d+\.\d+)/g))
        expect(named, file).toBe(version);
  });
});

/** GitHub's own parser, which imports JSON without saying so: Node refuses that, esbuild does not. */
const githubParser = async (): Promise<typeof Workflows & typeof Actions> => {
  const from = '@actions/workflow-parser';
  const outfile = join(folder, 'parser.mjs');
  const contents = `export * from '${from}'; export * from '${from}/actions/index';`;
  await build({ stdin: { contents, resolveDir: '.' }, outfile, bundle: true, platform: 'node', format: 'esm' });
  return import(outfile);
};

describe('what CI services read', async () => {
  const { NoOperationTraceWriter, parseAction, parseWorkflow } = await githubParser();
  const trace = new NoOperationTraceWriter();

  it('the action is valid for GitHub, and its files exist', () => {
    const { errors } = parseAction({ name: 'action.yml', content: content('action.yml') }, trace).context;
    expect(errors.getErrors()).toEqual([]);
    for (const [, file = ''] of content('action.yml').matchAll(/^ {2}(?:main|post): (\S+)$/gm))
      expect(existsSync(file)).toBe(true);
  });

  it.each(['.github/workflows/release.yml', 'docs/ci/github-actions.yml', 'docs/ci/github-action.yml'])(
    '%s is a valid workflow',
    (name) => {
      const { context } = parseWorkflow({ name, content: content(name) }, trace);
      expect(context.errors.getErrors()).toEqual([]);
    },
  );

  it.each(['release/Dockerfile', 'docs/ci/Dockerfile'])('%s passes the linter of Dockerfiles', (file) => {
    expect(validate(content(file))).toEqual([]);
  });

  it('the Kubernetes examples are valid', async () => {
    const [job, deployment] = parseAllDocuments(content('docs/ci/kubernetes.yaml')).map((document) => document.toJS());
    await new Job(job).validate();
    await new Deployment(deployment).validate();
    expect(() => new Job({ ...job, spec: { template: {}, backoffLimit: 'x' } } as never).validate()).toThrow();
  });

  it('the GitLab component uses exactly the inputs that it declares', () => {
    const file = 'release/gitlab/templates/leasehold.yml';
    const [head] = parseAllDocuments(content(file)).map((document) => document.toJS());
    const used = [...content(file).matchAll(/\$\[\[ inputs\.([\w-]+) \]\]/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(head.spec.inputs).sort());
  });

  it.each([
    ['release/gitlab/templates/leasehold.yml', /leasehold@\S+ (run .*) -- \$/],
    ['release/jenkins/vars/leasehold.groovy', /leasehold@\S+ (run .*) -- sh/],
    ['docs/ci/kubernetes.yaml', /leasehold", "(run.*)", "--", "\.\//],
  ])('%s runs the command with flags that it knows', async (file, line) => {
    const [, words = ''] = line.exec(content(file)) ?? [];
    const args = words
      .replaceAll(/\$\[\[ inputs\.wait \]\]|\$LEASEHOLD_WAIT/g, '30m')
      .replaceAll('$[[ inputs.product ]]', 'KRE')
      .replace('leasehold.xml', join(folder, 'leasehold.xml'))
      .split(/[", ]+/)
      .filter(Boolean);
    const product = args.includes('--product') ? [] : ['--product', 'KRE'];
    const { code, stderr } = await inProcess([...args, ...product, '--', 'true'], {});
    expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringContaining('Say where the service is') });
  });
});
