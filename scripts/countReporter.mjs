// A second reporter for `node --test`: one line of JSON for each test that has an outcome of its own, for the totals.

/**
 * @param {AsyncIterable<{ type: string, data: Record<string, any> }>} source
 */
export default async function* countReporter(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isSuite = data.details?.type === 'suite';
    if (type === 'test:pass') {
      if (isSuite) continue;
      const skipped = data.skip !== undefined && data.skip !== false;
      const todo = data.todo !== undefined && data.todo !== false;
      yield `${JSON.stringify({ outcome: skipped || todo ? 'skipped' : 'passed', name: data.name, file: data.file })}\n`;
    } else {
      // A parent that fails because of its children adds nothing to the count; a hook that fails does.
      const kind = data.details?.error?.failureType;
      if (kind === 'subtestsFailed') continue;
      yield `${JSON.stringify({ outcome: 'failed', name: data.name, file: data.file })}\n`;
    }
  }
}
