import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openapi } from '../../../shared/contracts/openapi.ts';
import { openapiDocument } from '../../../shared/contracts/openapi-document.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { type Json, openWorld } from '../support/harness.ts';

const { got } = await openWorld();
const document: Json = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
const documented = operations.map(
  ({ name, path, method }) => [name, document.paths[path]?.[method.toLowerCase()]] as const,
);

/** Every object in the document, with the way to it. */
const walk = (node: Json, at = ''): [string, Json][] =>
  node === null || typeof node !== 'object'
    ? []
    : [
        ...(Array.isArray(node) ? [] : [[at, node] as [string, Json]]),
        ...Object.entries(node).flatMap(([key, value]) => walk(value, `${at}/${key.replaceAll('/', '~1')}`)),
      ];
const nodes = walk(document);

describe('docs/openapi.json', () => {
  it('agrees with the contracts: `npm run openapi` writes it', () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(openapi())));
  });
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });
  it('is the answer of the service', async () => {
    expect(await got(200, openapiDocument, { as: 'nobody' })).toEqual(document);
  });
  it('has every operation, under its name, and no other', () => {
    const ids = nodes.flatMap(([, { operationId }]) => (typeof operationId === 'string' ? [operationId] : []));
    expect(ids.sort()).toEqual(operations.map(({ name }) => name).sort());
    for (const [name, operation] of documented) expect(operation?.operationId).toBe(name);
  });
  it.each(documented)(
    '%s tells who may, and each problem by its code',
    (name, { description, responses, security }) => {
      expect(description).toContain('**Who:**');
      expect(security).toEqual(['health', 'openapiDocument', 'jwks'].includes(name) ? [] : [{ bearer: [] }]);
      for (const status of ['400', '429', '500']) expect(responses).toHaveProperty(status);
      for (const [status, { content, headers, description: told }] of Object.entries<Json>(responses)) {
        if (Number(status) < 400) continue;
        expect(told).toMatch(/^`[a-z-]+`: /);
        expect(Object.keys(content)).toEqual(['application/problem+json']);
        if (status === '429') expect(headers).toHaveProperty('Retry-After');
      }
    },
  );
  it('says that the vendor alone does the vendor’s work: no API key', () => {
    for (const name of ['setSubscription', 'setLimits', 'startRecovery', 'voidOfflineLicense', 'createOrganization'])
      expect(new Map(documented).get(name).description).toMatch(/\*\*Who:\*\* The vendor\.$/);
  });
  it.each(documented)('%s names each parameter of its path', (_, { parameters = [] }) => {
    const names = parameters.map((parameter: Json) => (parameter.in === 'path' ? parameter.name : undefined));
    const path = operations.find(({ name }) => name === _)?.path ?? '';
    expect(names.filter(Boolean)).toEqual([...path.matchAll(/{(\w+)}/g)].map(([, name]) => name));
  });
  it('has no dangling reference', () => {
    const references = nodes.flatMap(([at, { $ref }]) => (typeof $ref === 'string' ? [[at, $ref] as const] : []));
    expect(references).not.toHaveLength(0);
    const places = new Set(nodes.map(([at]) => `#${at}`));
    for (const [at, reference] of references) expect(places, at).toContain(reference);
  });
  it('request bodies refuse unknown fields', () => {
    for (const [name, { requestBody }] of documented)
      if (requestBody) expect(requestBody.content['application/json'].schema.additionalProperties, name).toBe(false);
  });

  const examples = nodes.flatMap(([at, { example, ...schema }]) =>
    example === undefined || 'in' in schema ? [] : [[at, example, schema] as const],
  );
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(10);
  });
  it.each(examples)('%s: the example %j fits its schema', (_, example, schema) => {
    expect(z.fromJSONSchema(schema).safeParse(example).success).toBe(true);
  });
});
