import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
import { billOfMaterials, notAllowed, noticesOf, shippedPackages } from '../../release/notices.ts';
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

describe('a release', () => {
  const workflows = globSync('.github/workflows/*.yml').map((file) => [file, content(file)] as const);

  it('is made by actions of one commit each, which nobody can move', () => {
    const used = workflows.flatMap(([, text]) => [...text.matchAll(/uses: (.+)$/gm)].map(([, action]) => action));
    expect(used.length).toBeGreaterThan(20);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('publishes nothing before its packages are checked and every proof has passed, and attests its files', () => {
    const { jobs } = parseAllDocuments(content('.github/workflows/release.yml'))[0]!.toJS();
    const steps: { run?: string; uses?: string }[] = jobs['supply-chain'].steps;
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(runs).toEqual(expect.arrayContaining(['npm audit signatures', 'npm run notices']));
    const proofs = [...content('test/verify/verify.ts').matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name);
    expect(jobs.verify).toMatchObject({ needs: 'supply-chain', strategy: { matrix: { proof: proofs } } });
    const waits = (job: string): boolean =>
      job === 'verify' || [jobs[job].needs ?? []].flat().some((needed: string) => waits(needed));
    expect(Object.keys(jobs).filter((job) => !waits(job))).toEqual(['supply-chain']);
    const attested = jobs.release.steps.find(({ uses = '' }) => uses.startsWith('actions/attest-build-provenance@'));
    expect(attested.with['subject-path'].trim().split('\n')).toEqual([
      'release/dist/leasehold.cjs',
      'assets/leasehold-linux-*/*',
      'assets/leasehold-*.tar.gz',
      'assets/supply-chain/*',
    ]);
    // Each attested file is in the release.
    const released = jobs.release.steps.flatMap(({ run = '' }) =>
      run.startsWith('gh release create') ? run.split(/\s+/) : [],
    );
    expect(released).toEqual(expect.arrayContaining(attested.with['subject-path'].trim().split('\n')));
  });

  it('contains packages with licenses of the list alone, and tells each with its text and in its bill of materials', async () => {
    const packages = await shippedPackages();
    expect(packages.length).toBeGreaterThan(50);
    expect(notAllowed(packages)).toEqual([]);
    const copyleft = { name: 'readline', version: '1.0.0', license: 'GPL-3.0-only', texts: [] };
    expect(notAllowed([...packages, copyleft])).toEqual(['readline@1.0.0: GPL-3.0-only']);
    const notices = noticesOf(packages);
    for (const { name, version, texts } of packages) {
      expect(notices).toContain(`\n${name} ${version} (`);
      for (const text of texts) expect(notices).toContain(text);
    }
    const { bomFormat, components } = JSON.parse(await billOfMaterials(packages));
    expect(bomFormat).toBe('CycloneDX');
    const purls = new Set(components.map(({ purl }: { purl: string }) => decodeURIComponent(purl)));
    for (const { name, version } of packages) expect(purls).toContain(`pkg:npm/${name}@${version}`);
    expect(components).toHaveLength(new Set(packages.map(({ name, version }) => `${name}@${version}`)).size);
  });
});

describe('a deployment by the workflow', () => {
  const gate = (diff: string) => {
    const file = join(folder, 'diff.txt');
    writeFileSync(file, diff);
    return spawnSync('sh', ['infra/operations/gate.sh', file], { encoding: 'utf8' });
  };
  const changed = [
    'Stack LeaseholdData',
    'Resources',
    '[~] AWS::DynamoDB::Table Table TableCD117FA1',
    ' └─ [~] PointInTimeRecoverySpecification',
    '[~] AWS::Lambda::Function Activate/Function ActivateFunctionC180FC61 may be replaced',
    '[-] AWS::Lambda::Version Activate/Function/CurrentVersion orphan',
    '[+] AWS::KMS::Key SigningKey2 SigningKey2AB',
  ].join('\n');

  it('goes on if data, keys and people stay', () => {
    expect(gate(changed)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    '[~] AWS::DynamoDB::Table Table TableCD117FA1 replace',
    '[~] AWS::Cognito::UserPool Users Users0A0EEA89 may be replaced',
    '[-] AWS::KMS::Key SigningKey1 SigningKey1AB destroy',
    '\u001b[31m[-]\u001b[39m AWS::DynamoDB::Table Table TableCD117FA1 \u001b[31mdestroy\u001b[39m',
  ])('stops before it would lose them: %j', (line) => {
    const { status, stderr } = gate(`${changed}\n${line}`);
    expect(status).toBe(1);
    expect(stderr).toContain('would replace or remove data');
  });

  it('deploys what its diff has shown, and then tests it', () => {
    const { jobs } = parseAllDocuments(content('.github/workflows/deploy.yml'))[0]!.toJS();
    const runs = (job: string) => jobs[job].steps.flatMap(({ run }: { run?: string }) => run ?? []);
    expect(runs('diff').join('\n')).toMatch(/cdk synth.*\n.*cdk diff --all --app cdk\.out.*gate\.sh diff\.txt/s);
    expect(jobs.deploy).toMatchObject({ needs: 'diff', environment: expect.stringContaining('inputs.stage') });
    expect(runs('deploy').join('\n')).toMatch(/cdk deploy --all --app cdk\.out.*\nnpm run smoke -- --url/s);
  });
});

describe('what CI services read', async () => {
  const { NoOperationTraceWriter, parseAction, parseWorkflow } = await githubParser();
  const trace = new NoOperationTraceWriter();

  it('the action is valid for GitHub, and its files exist', () => {
    const { errors } = parseAction({ name: 'action.yml', content: content('action.yml') }, trace).context;
    expect(errors.getErrors()).toEqual([]);
    for (const [, file = ''] of content('action.yml').matchAll(/^ {2}(?:main|post): (\S+)$/gm))
      expect(existsSync(file)).toBe(true);
  });

  it.each([...globSync('.github/workflows/*.yml'), 'docs/ci/github-actions.yml', 'docs/ci/github-action.yml'])(
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

  it('the GitLab component licenses all of its command', () => {
    // In the place of `npx`: marks what runs with a license.
    const npx = 'while [ "$1" != -- ]; do shift; done; shift; LICENSED=yes exec "$@"';
    writeFileSync(join(folder, 'npx'), `#!/bin/sh\n${npx}\n`, { mode: 0o755 });
    const inputs: Record<string, string> = { command: 'echo one $LICENSED && echo "two $LICENSED"' };
    const [, template] = parseAllDocuments(content('release/gitlab/templates/leasehold.yml'));
    const [job] = Object.values<{ variables?: Record<string, { value: string }>; script: string[] }>(template!.toJS());
    const filled = (text: string) => text.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name) => inputs[name] ?? 'x');
    const variables = Object.entries(job?.variables ?? {}).map(([name, { value }]) => [name, filled(value)]);
    const env = { ...Object.fromEntries(variables), PATH: `${folder}${delimiter}${process.env.PATH}` };
    expect(execFileSync('sh', ['-c', filled(job?.script.join('\n') ?? '')], { env, encoding: 'utf8' })).toBe(
      'one yes\ntwo yes\n',
    );
  });

  it.each([
    ['release/gitlab/templates/leasehold.yml', /leasehold@\S+ (run .*) -- sh/],
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
