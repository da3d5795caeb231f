import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { openapiDocument } from '../shared/contracts/openapi-document.ts';
import { functionFile } from '../shared/contracts/operation.ts';
import { docs } from './functions.ts';

/** The size limit of a bundle: a cold start reads and compiles it all. */
export const maxBundleBytes = 500 * 1024;

const root = join(import.meta.dirname, '..');

/** The files of the documentation page; see `functions/docs.ts`. */
const swaggerUi = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/**
 * Providers of credentials on a developer's machine and in a container. The SDK imports them only if the environment has no
 * credentials, and Lambda always has. Without them each bundle is 119 KB smaller. (The local stack is not bundled.)
 */
const unusedCredentialProviders = ['http', 'ini', 'process', 'sso', 'web-identity'].map(
  (way) => `@aws-sdk/credential-provider-${way}`,
);

/** Copies the OpenAPI document beside its function instead of bundling it: it is no code, and grows with every operation. */
const copyOpenapiDocument: Plugin = {
  name: 'document-beside',
  setup: ({ onLoad }) => {
    onLoad({ filter: /docs\/openapi\.json$/ }, async ({ path }) => ({
      contents: await readFile(path),
      loader: 'copy',
    }));
  },
};

interface BundleOptions {
  /** Function files, without their extension. */
  readonly files: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

/**
 * Bundles all functions with one esbuild call (one for each would take two seconds each), into `<to>/<file>/index.mjs`.
 * Source maps, for the stack traces of production, go to `<to>/../source-maps` and are not deployed.
 * Returns the size of each bundle in bytes. Throws if a function has no file, does not compile, or exceeds `maxBundleBytes`.
 */
export const bundle = async ({
  files,
  from = join(root, 'functions'),
  to = join(root, 'dist', 'functions'),
}: BundleOptions): Promise<Map<string, number>> => {
  await rm(to, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files.map((file) => ({ in: join(from, `${file}.ts`), out: join(file, 'index') })),
    outdir: to,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: unusedCredentialProviders,
    plugins: [copyOpenapiDocument],
    assetNames: `${functionFile(openapiDocument.name)}/[name]`,
    // CommonJS packages load Node's own modules with `require`.
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
    sourcemap: 'external',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });

  const sourceMaps = join(to, '..', 'source-maps');
  await mkdir(sourceMaps, { recursive: true });
  for (const file of files) await rename(join(to, file, 'index.mjs.map'), join(sourceMaps, `${file}.mjs.map`));
  if (files.includes(docs.file)) await addSwaggerUi(join(to, docs.file, 'swagger-ui'));

  const bytesOf = new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, bytes }) =>
      entryPoint === undefined ? [] : [[fileOf(entryPoint), bytes] as const],
    ),
  );
  const tooLarge = [...bytesOf].filter(([, bytes]) => bytes > maxBundleBytes);
  if (tooLarge.length > 0) {
    const list = tooLarge.map(([file, bytes]) => `${file} (${bytes} bytes)`).join(', ');
    throw new Error(`A bundle may have ${maxBundleBytes} bytes: ${list} has more.`);
  }
  return bytesOf;
};

const fileOf = (entryPoint: string) => entryPoint.replace(/^.*\//, '').replace(/\.ts$/, '');

const addSwaggerUi = async (to: string) => {
  const from = join(root, 'node_modules', 'swagger-ui-dist');
  for (const file of swaggerUi) await cp(join(from, file), join(to, file));
};
