import * as z from 'zod';
import { openapi } from './openapi.ts';
import { MachineId, ProductCode } from './schemas/primitives.ts';

type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** The keywords of JSON Schema that the contracts produce. */
interface Schema {
  readonly $ref?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly in: 'path' | 'query' | 'header';
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>;
}

const { components, paths } = openapi() as unknown as {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, Described>>;
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
);

const comment = (text: string | undefined, indent: string) => {
  if (!text) return '';
  const lines = text.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
};

const literal = (value: unknown) => (typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value));

/** Returns the TypeScript type of a schema. */
const typeOf = (schema: Schema, indent: string): string => {
  if (schema.$ref) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return [...new Set(variants.map((variant) => typeOf(variant, indent)))].join(' | ');
  const { type } = schema;
  if (typeof type === 'object') return type.map((each) => typeOf({ ...schema, type: each }, indent)).join(' | ');
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? {}, indent);
      return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return schema.properties ? objectOf(schema, indent) : `Record<string, ${typeOf(freeOf(schema), indent)}>`;
    case undefined:
      return 'unknown';
  }
};

const freeOf = ({ additionalProperties }: Schema): Schema =>
  typeof additionalProperties === 'object' ? additionalProperties : {};

/** Returns the bases whose fields are all among those of a schema, and the schema's other fields. */
const partsOf = ({ properties = {}, required }: Schema, bases: Readonly<Record<string, Schema>>) => {
  const own = { ...properties };
  const isSame = (field: string, base: Schema) =>
    field in own &&
    JSON.stringify(own[field]) === JSON.stringify(base.properties?.[field]) &&
    required?.includes(field) === base.required?.includes(field);
  const extended = Object.entries(bases).filter(([, base]) => {
    const fields = Object.keys(base.properties ?? {});
    const isBase = fields.length > 0 && fields.every((field) => isSame(field, base));
    if (isBase) for (const field of fields) delete own[field];
    return isBase;
  });
  return { extended: extended.map(([name]) => name), own: { properties: own, required } };
};

/** Returns the type of an object: its bases, and its other fields. */
const objectOf = (schema: Schema, indent: string, bases = components.schemas): string => {
  const { extended, own } = partsOf(schema, bases);
  const hasFields = extended.length === 0 || Object.keys(own.properties).length > 0;
  return [...extended, ...(hasFields ? [fieldsOf(own, indent)] : [])].join(' & ');
};

const fieldsOf = ({ properties = {}, required = [] }: Schema, indent: string): string => {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description, inner)}${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)};\n`,
  );
  return fields.length === 0 ? 'Record<string, never>' : `{\n${fields.join('')}${indent}}`;
};

/** The fields of every problem. Their types follow from its code, status and title. */
const problemBase = `/** The fields of every problem (RFC 9457). */
interface ProblemOf<Code extends string, Status extends number, Title extends string> {
  type: \`urn:leasehold:problem:\${Code}\`;
  title: Title;
  status: Status;
  detail: string;
  code: Code;
  requestId: string;
}
`;

const problemOf = (name: string, { properties = {}, required }: Schema): string => {
  const { type: _, title, status, detail: __, code, requestId: ___, ...own } = properties;
  const base = `ProblemOf<${[code, status, title].map((field) => literal(field?.const)).join(', ')}>`;
  return Object.keys(own).length === 0
    ? `export type ${name} = ${base};\n`
    : `export interface ${name} extends ${base} ${fieldsOf({ properties: own, required }, '')}\n`;
};

const interfaceOf = (name: string, schema: Schema): string => {
  const { [name]: _, ...others } = components.schemas;
  const { extended, own } = partsOf(schema, others);
  return `interface ${name} ${extended.length > 0 ? `extends ${extended.join(', ')} ` : ''}${fieldsOf(own, '')}`;
};

const component = (name: string, schema: Schema): string => {
  if (name.endsWith('Problem')) return problemOf(name, schema);
  return `${comment(schema.description, '')}export ${schema.properties ? interfaceOf(name, schema) : `type ${name} = ${typeOf(schema, '')};`}\n`;
};

/** Returns a header's name as a field of the input: `idempotency-key` → `idempotencyKey`. */
const fieldOfHeader = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Returns the input of an operation as one object: the fields of its path, query, body and headers. */
const inputOf = ({ operationId, parameters = [], requestBody }: Described): Schema => {
  const body = requestBody?.content['application/json'].schema;
  const fields = [
    ...parameters.map(({ in: place, name, required, schema, description }) => ({
      name: place === 'header' ? fieldOfHeader(name) : name,
      schema: { ...schema, description: description ?? schema.description },
      required,
    })),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
      name,
      schema,
      required: body?.required?.includes(name),
    })),
  ];
  const names = new Set(fields.map(({ name }) => name));
  if (names.size < fields.length) throw new Error(`${operationId} has two inputs of one name`);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  };
};

const inputOfNamed = (name: string) =>
  inputOf(operations.find(({ operation }) => operation.operationId === name)?.operation as Described);

/** The inputs that many operations extend. */
const commonInputs = {
  InProduct: inputOfNamed('getSubscription'),
  InOrganization: inputOfNamed('getOrganization'),
  InPages: inputOfNamed('listOrganizations'),
};

/** Returns the type of an operation's success answers: the JSON or text of each status below 400. */
const outputOf = (operation: Described, indent: string): string => {
  const item = itemOf(operation);
  if (item) return `Page<${typeOf(item, indent)}>`;
  const bodies = Object.entries(operation.responses)
    .filter(([status]) => Number(status) < 400)
    .flatMap(([, { content = {} }]) => Object.values(content))
    .flatMap(({ schema }) => schema.anyOf ?? [schema])
    .map((schema) => typeOf(schema, indent));
  return bodies.length === 0 ? 'undefined' : [...new Set(bodies)].join(' | ');
};

/** Returns the schema of a list's items; undefined if the operation is no list. */
const itemOf = ({ responses }: Described): Schema | undefined => {
  const { properties } = responses[200]?.content?.['application/json']?.schema ?? {};
  return properties?.nextCursor && properties.items?.items;
};

const declarationOf = (operation: Described): string => {
  const { operationId, summary, description } = operation;
  return (
    comment([`${summary}.`, description].filter(Boolean).join('\n\n'), '  ') +
    `  ${operationId}: {\n` +
    `    input: ${objectOf(inputOf(operation), '    ', commonInputs)};\n` +
    `    output: ${outputOf(operation, '    ')};\n` +
    '  };\n'
  );
};

/**
 * Returns a required field of each JSON answer, in which the client recognizes the service's own answers. Empty: the answer is
 * text, or has no body.
 */
const fieldsOfAnswers = ({ responses }: Described, schemas: Record<string, Schema>): string[] => {
  const fields = Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .flatMap(([, { content = {} }]) => content['application/json'] ?? content['application/jwk-set+json'] ?? [])
    .flatMap(({ schema }) => schema.anyOf ?? [schema])
    .map((schema) => (schema.$ref ? schemas[typeOf(schema, '')] : schema)?.required?.[0] ?? '');
  return [...new Set(fields)].filter(Boolean);
};

const routeOf = (method: string, path: string, operation: Described, schemas: Record<string, Schema>): string => {
  const { operationId, parameters = [], requestBody, responses } = operation;
  const namesIn = (place: string) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
  const query = namesIn('query');
  const has = {
    body: requestBody !== undefined,
    idempotencyKey: namesIn('header').includes('idempotency-key'),
    list: itemOf(operation) !== undefined,
    csv: responses[200]?.content?.['text/csv'] !== undefined,
  };
  const answers = fieldsOfAnswers(operation, schemas);
  const fields = [
    `method: '${method.toUpperCase()}'`,
    `path: '${path}'`,
    ...(query.length > 0 ? [`query: [${query.map(literal).join(', ')}]`] : []),
    ...Object.entries(has).flatMap(([name, present]) => (present ? [`${name}: true`] : [])),
    ...(answers.length > 0 ? [`answers: [${answers.map(literal).join(', ')}]`] : []),
  ];
  return `  ${operationId}: { ${fields.join(', ')} },\n`;
};

/** Names and times that people type. The client checks them before it sends them. */
const typed = {
  product: ProductCode,
  machineId: MachineId,
  day: z.iso.date(),
  time: z.iso.datetime({ offset: true }),
};

const patternOf = (name: string, schema: z.ZodType): string => `  ${name}: /${z.toJSONSchema(schema).pattern}/,\n`;

/**
 * Returns the source of `client/api.ts`: the API's types, without zod, and its routes and patterns. Only routes and patterns
 * exist at run time. `npm run openapi` writes the file.
 */
export const clientApi = (): string => {
  const problems = Object.keys(components.schemas).filter((name) => name.endsWith('Problem'));
  return [
    '// Written from shared/contracts by `npm run openapi`: change these instead.\n',
    "import type { Page } from './pages.ts';\n",
    problemBase,
    ...Object.entries(components.schemas).map(([name, schema]) => component(name, schema)),
    `/** Every problem of the service. Its \`code\` says which. */\nexport type Problem =\n${problems.map((name) => `  | ${name}`).join('\n')};\n`,
    ...Object.entries(commonInputs).map(([name, input]) => `interface ${name} ${fieldsOf(input, '')}\n`),
    `/** The input and output of each operation. */\nexport interface Operations {\n${operations.map(({ operation }) => declarationOf(operation)).join('')}}\n`,
    `/** The route of each operation, and its features. */\nexport const routes = {\n${operations.map(({ method, path, operation }) => routeOf(method, path, operation, components.schemas)).join('')}} as const;\n`,
    `/** The patterns of names that the service accepts, and of days and times. */\nexport const patterns = {\n${Object.entries(
      typed,
    )
      .map(([name, schema]) => patternOf(name, schema))
      .join('')}};\n`,
  ].join('\n');
};
