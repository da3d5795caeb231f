import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ofType, synthesize } from './synthesis.ts';

/** The routes that are not operations: the documentation page, and the answer to unknown paths. */
const notOperations = ['GET /docs', 'GET /docs/{asset}', '$default'];

it('the OpenAPI document and the deployed API have the same operations', () => {
  const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as { paths: Record<string, object> };
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'].includes(key))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const deployed = ofType(synthesize().LeaseholdApi, 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }): string => Properties.RouteKey)
    .filter((key) => !notOperations.includes(key));

  expect(documented.length).toBeGreaterThan(0);
  expect(documented.sort()).toEqual(deployed.sort());
});
