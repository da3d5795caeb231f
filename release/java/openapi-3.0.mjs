import { readFileSync } from 'node:fs';

/** Returns a schema as OpenAPI 3.0 has it, which the Java generator knows better: `nullable` for `null`, no constant numbers. */
const simplify = (schema) => {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(simplify);
  const {
    anyOf,
    const: constant,
    propertyNames: _,
    identifier: __,
    ...rest
  } = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, name === 'example' ? value : simplify(value)]),
  );
  const typed = typeof constant === 'string' ? { ...rest, enum: [constant] } : rest;
  if (Array.isArray(rest.type)) return { ...typed, type: rest.type.find((type) => type !== 'null'), nullable: true };
  const variants = anyOf?.filter(({ type }) => type !== 'null');
  if (!variants) return typed;
  const nullable = variants.length < anyOf.length ? { nullable: true } : {};
  const [only, ...more] = variants;
  if (more.length > 0) return { ...typed, ...nullable, anyOf: variants };
  return only.$ref ? { ...typed, ...nullable, allOf: [only] } : { ...only, ...typed, ...nullable };
};

console.log(JSON.stringify({ ...simplify(JSON.parse(readFileSync('docs/openapi.json', 'utf8'))), openapi: '3.0.3' }));
