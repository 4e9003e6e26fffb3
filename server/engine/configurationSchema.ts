import type { Json } from '../formats/facts.ts';
import { rules } from '../rules/index.ts';
import { configurationShape, ruleSettingShape, sizePattern, type Shape } from './configurationTable.ts';

type Schema = { [key: string]: Json };

/**
 * The JSON Schema (draft-07) of `weighbridge.yaml`, which is published as `weighbridge.schema.json`. It is made from the
 * table that the checker runs on, so the two cannot drift.
 */
export function configurationSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://weighbridge.dev/schemas/weighbridge-1.json',
    title: 'Weighbridge configuration',
    description: 'What a repository tells Weighbridge: what to scan, which rules count how much, and what is accepted.',
    ...schemaOf(configurationShape),
    definitions: { ruleSetting: schemaOf(ruleSettingShape) },
    examples: [
      { version: 1, 'fail-on': 'warning', exclude: ['third_party/'], rules: { 'pickle/unknown-import': 'error' } },
    ],
  };
}

function schemaOf(shape: Shape): Schema {
  switch (shape.kind) {
    case 'choice':
      return { enum: [...shape.values] };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', minimum: shape.minimum };
    case 'number':
      return { type: 'number' };
    case 'size':
      return {
        oneOf: [
          { type: 'integer', minimum: 1 },
          { type: 'string', pattern: sizePattern.source },
        ],
      };
    case 'string':
      return { type: 'string', minLength: 1, ...(shape.pattern ? { pattern: shape.pattern.source } : {}) };
    case 'list':
      return { type: 'array', items: schemaOf(shape.items) };
    case 'record':
      return recordSchema(shape);
    case 'rules':
      return rulesSchema();
    case 'either':
      return { oneOf: [schemaOf(shape.short), schemaOf(shape.long)] };
  }
}

function recordSchema({ fields, oneOf }: Shape & { kind: 'record' }): Schema {
  const properties: Schema = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    properties[name] = {
      description: field.description,
      ...schemaOf(field.shape),
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(field.examples ? { examples: field.examples } : {}),
    };
    if (field.required) required.push(name);
  }
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length ? { required } : {}),
    ...(oneOf ? { anyOf: oneOf.map((name) => ({ required: [name] })) } : {}),
    properties,
  };
}

function rulesSchema(): Schema {
  // A reference with a description of its own beside it has to stand in `allOf` (draft-07, section 8.3).
  const one = { allOf: [{ $ref: '#/definitions/ruleSetting' }] };
  const properties: Schema = {};
  for (const area of ruleAreas()) {
    properties[`${area}/*`] = { description: `All rules of the area "${area}".`, ...one };
  }
  for (const { meta } of rules) {
    const standard = meta.offByDefault ? `off; ${meta.severity} is what it is meant for` : meta.severity;
    properties[meta.id] = { description: `${meta.title} (default: ${standard}).`, ...one };
  }
  return { type: 'object', additionalProperties: false, properties };
}

/** The areas of rules (`pickle`, `archive`, ...), sorted. */
export function ruleAreas(): string[] {
  return [...new Set(rules.map(({ meta }) => meta.id.slice(0, meta.id.indexOf('/'))))].sort();
}
