/** JSON Schema of one line of an inference log: what a gateway must write so that it can be looked into. */
export function requestLogSchema(): object {
  const text = (description: string, more: object = {}) => ({
    type: 'string',
    minLength: 1,
    maxLength: 1024,
    description,
    ...more,
  });
  const digest = (description: string) => text(description, { pattern: '^(?:sha256:)?[0-9a-fA-F]{16,128}$' });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://weighbridge.dev/schemas/request-log-1.json',
    title: 'A request to a model, as a line of an inference log',
    description: 'Identities and digests, never the texts themselves.',
    type: 'object',
    required: ['time', 'client', 'input_hash', 'output_hash', 'latency_ms'],
    properties: {
      time: text('When the request came: RFC 3339.', { format: 'date-time' }),
      client: text('Who asked: the subject of a certificate or a token, never an address alone.'),
      model: text('Which model was asked.'),
      input_hash: digest('Digest of the request body, hexadecimal.'),
      output_hash: digest('Digest of the answer, hexadecimal.'),
      latency_ms: { type: 'number', minimum: 0, description: 'Milliseconds until the answer was complete.' },
      status: { type: 'integer', minimum: 100, maximum: 599, description: 'HTTP status of the answer.' },
      violations: {
        type: 'array',
        items: text('Name of a rule that a filter found broken.'),
        maxItems: 100,
        description: 'What input or output filters found; empty for nothing.',
      },
    },
  };
}
