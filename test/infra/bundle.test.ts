import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle, maxBundleBytes } from '../../infra/bundle.ts';
import { functionsOf } from '../../infra/functions.ts';
import { operations } from '../../shared/contracts/operations.ts';

const files = functionsOf(operations).map(({ file }) => file);
const root = mkdtempSync(join(tmpdir(), 'leasehold-bundle-'));
const temporary = () => mkdtempSync(join(root, 'test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The environment that Lambda gives to a function. */
const environment = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'KEYOFLAMBDA',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  TABLE_NAME: 'leasehold',
  OIDC_ISSUER: 'https://issuer.example.com',
  OIDC_AUDIENCE: 'leasehold',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

/**
 * Runs a script as Lambda runs a function: on plain Node, in a directory that can't reach any `node_modules`. Returns the
 * JSON that the script prints.
 */
const onLambda = async (cwd: string, script: string, more: Record<string, string> = {}) => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
    env: { ...environment, ...more },
  });
  return JSON.parse((await run).stdout);
};

describe('bundles', () => {
  it('of all functions have at most 500 KB each, and load', async () => {
    const to = join(temporary(), 'functions');
    const sizes = await bundle({ files, to });

    expect([...sizes.keys()].sort()).toEqual([...files].sort());
    expect(maxBundleBytes).toBe(512_000);
    for (const file of files) {
      const size = statSync(join(to, file, 'index.mjs')).size;
      expect(size, file).toBe(sizes.get(file));
      expect(size, file).toBeLessThanOrEqual(maxBundleBytes);
      const beside = file === 'openapi-document' ? ['openapi.json'] : [];
      if (file !== 'docs') expect(readdirSync(join(to, file)).sort()).toEqual(['index.mjs', ...beside]);
    }
    expect(readdirSync(join(to, 'docs', 'swagger-ui'))).toContain('swagger-ui-bundle.js');

    const handlers = await onLambda(
      to,
      `const found = {};
      for (const file of ${JSON.stringify(files)})
        found[file] = await import(process.cwd() + '/' + file + '/index.mjs').then(({ handler }) => typeof handler, String);
      console.log(JSON.stringify(found));`,
    );
    expect(handlers).toEqual(Object.fromEntries(files.map((file) => [file, 'function'])));
  });

  it('sign their requests with the credentials of Lambda, and need no other provider of credentials', async () => {
    const authorizations: (string | undefined)[] = [];
    const dynamodb = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    }).listen(0);
    const { port } = dynamodb.address() as AddressInfo;
    const to = join(temporary(), 'functions');
    await bundle({ files: ['health'], to });

    const answer = await onLambda(
      join(to, 'health'),
      `const { handler } = await import(process.cwd() + '/index.mjs');
      const event = { version: '2.0', headers: {}, requestContext: { requestId: 'r', http: { method: 'GET' } } };
      console.log(JSON.stringify(await handler(event, { awsRequestId: 'r' })));
      process.exit();`,
      { DYNAMODB_ENDPOINT: `http://localhost:${port}` },
    );
    dynamodb.close();

    expect(answer.statusCode).toBe(200);
    expect(authorizations[0]).toContain('Credential=KEYOFLAMBDA/');
  });

  it('send their metrics at every level of the log, and lines at theirs alone', async () => {
    const to = join(temporary(), 'functions');
    await bundle({ files: ['health'], to });
    const written = async (POWERTOOLS_LOG_LEVEL: string) =>
      onLambda(
        join(to, 'health'),
        `const lines = [];
        process.stdout.write = (text) => lines.push(text);
        const { handler } = await import(process.cwd() + '/index.mjs');
        const event = { version: '2.0', headers: {}, requestContext: { requestId: 'r', http: { method: 'GET' } } };
        await handler({ ...event, queryStringParameters: { unknown: '1' } }, { awsRequestId: 'r' });
        delete process.stdout.write;
        console.log(JSON.stringify(lines.map((line) => JSON.parse(line))));
        process.exit();`,
        // Lambda itself gives its functions its own level.
        { AWS_LAMBDA_LOG_LEVEL: 'INFO', POWERTOOLS_LOG_LEVEL, POWERTOOLS_METRICS_DISABLED: 'false', ...metrics },
      );
    const metrics = { POWERTOOLS_METRICS_NAMESPACE: 'Leasehold', POWERTOOLS_SERVICE_NAME: 'leasehold' };
    const kinds = (lines: object[]) => lines.map((line) => ('_aws' in line ? 'metrics' : 'line')).sort();
    expect(kinds(await written('INFO'))).toEqual(['line', 'metrics']);
    const only = await written('WARN');
    expect(kinds(only)).toEqual(['metrics']);
    // The alarms on slow calls watch these metrics.
    expect(only[0]._aws.CloudWatchMetrics[0]).toMatchObject({
      Namespace: 'Leasehold',
      Dimensions: [['service', 'operation']],
      Metrics: [{ Name: 'Latency', Unit: 'Milliseconds' }],
    });
    expect(only[0]).toMatchObject({ service: 'leasehold', operation: 'health' });
  });

  it('may not be larger', async () => {
    const from = temporary();
    writeFileSync(
      join(from, 'large.ts'),
      `export const handler = () => ${JSON.stringify('x'.repeat(maxBundleBytes))};`,
    );
    await expect(bundle({ files: ['large'], from, to: join(temporary(), 'functions') })).rejects.toThrow(
      /large \(\d+ bytes\)/,
    );
  });

  it('can contain CommonJS, and have no source map', async () => {
    const from = temporary();
    writeFileSync(join(from, 'legacy.cjs'), 'module.exports = require("node:os").EOL;');
    writeFileSync(join(from, 'old.ts'), 'import eol from "./legacy.cjs"; export const handler = () => eol;');
    const to = join(temporary(), 'functions');
    await bundle({ files: ['old'], from, to });
    const script = `console.log(JSON.stringify((await import(process.cwd() + '/index.mjs')).handler()));`;
    expect(await onLambda(join(to, 'old'), script)).toBe('\n');
    expect(readFileSync(join(to, 'old', 'index.mjs'), 'utf8')).not.toContain('sourceMappingURL');
  });
});
