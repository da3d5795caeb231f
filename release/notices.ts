import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The licenses that a shipped package may have. None asks for more than its text beside the copy. */
const allowed: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);

const root = resolve(import.meta.dirname, '..');

/** A package that a release contains: in a function, in the page or in the command. */
interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The texts of its license and notice. */
  readonly texts: readonly string[];
}

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
}

const textsIn = async (folder: string): Promise<string[]> => {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice|copying)(\.|$|-)/i.test(name)).sort();
  return Promise.all(names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()));
};

/** Returns the packages of the lockfile that are not for development alone, by name. */
export const shippedPackages = async (): Promise<Shipped[]> => {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const paths = Object.entries(lock.packages as Record<string, Locked>)
    .filter(([path, { dev, devOptional, optional, link }]) => path && !dev && !devOptional && !optional && !link)
    .map(([path]) => join(root, path))
    .filter((path) => existsSync(path));
  const packages = await Promise.all(
    paths.map(async (path) => {
      const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
      return { name, version, license: String(license), texts: await textsIn(path) };
    }),
  );
  return packages.sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));
};

/** Returns the packages whose license nobody has allowed. */
export const notAllowed = (packages: readonly Shipped[]): string[] =>
  packages
    .filter(({ license }) => !allowed.has(license))
    .map(({ name, version, license }) => `${name}@${version}: ${license}`);

/** Returns the text that goes with each copy. */
export const noticesOf = (packages: readonly Shipped[]): string =>
  [
    'Leasehold contains the packages below, each under its own license. The executables and the image also contain Node.js',
    '(https://github.com/nodejs/node/blob/main/LICENSE).',
    ...packages.map(({ name, version, license, texts }) =>
      ['', '='.repeat(80), `${name} ${version} (${license})`, ...texts.flatMap((text) => ['', text])].join('\n'),
    ),
    '',
  ].join('\n');

interface Bom {
  components: { 'bom-ref': string; name: string; version: string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/** Returns the list of the packages as CycloneDX. (`npm sbom --omit dev` also leaves out what development needs, too.) */
export const billOfMaterials = async (packages: readonly Shipped[]): Promise<string> => {
  const args = ['sbom', '--sbom-format', 'cyclonedx'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const all: Bom = JSON.parse(stdout);
  const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
  const refs = new Set(components.map((component) => component['bom-ref']));
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return `${JSON.stringify({ ...all, components, dependencies }, null, 2)}\n`;
};

/** `node release/notices.ts` writes the notices and the bill of materials into `release/dist`, unless a license is not allowed. */
if (import.meta.main) {
  const packages = await shippedPackages();
  const refused = notAllowed(packages);
  if (refused.length > 0) {
    console.error(`Not on the list of licenses in release/notices.ts:\n${refused.join('\n')}`);
    process.exit(1);
  }
  const dist = join(root, 'release/dist');
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), noticesOf(packages));
  await writeFile(join(dist, 'leasehold.cdx.json'), await billOfMaterials(packages));
  console.log(`${packages.length} packages, all with licenses on the list`);
}
