import { LineIndex } from '../../formats/text/lineIndex.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { secretsIn, withArticle } from './secretShapes.ts';

export const notebookOutput = defineRule({
  subject: 'text',
  meta: {
    id: 'secret/notebook-output',
    title: 'An output that a notebook has kept shows a credential',
    severity: 'warning',
    description:
      'The outputs or the metadata of a notebook hold a token that is known by its shape: printed variables, tracebacks, log lines of a download. What the cells themselves say has a rule of its own.',
    why: 'Outputs are saved with the notebook and pushed with it. Nobody looks there.',
    howToFix:
      'Revoke the credential, clear the outputs (`jupyter nbconvert --clear-output --inplace`), and let a commit hook strip them (`nbstripout`).',
    avoid: [
      {
        file: 'explore.ipynb',
        text: '{"cells": [{"cell_type": "code", "source": ["print(token)"], "outputs": [{"output_type": "stream", "name": "stdout", "text": ["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\\n"]}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
      },
    ],
    prefer: [
      {
        file: 'explore.ipynb',
        text: '{"cells": [{"cell_type": "code", "source": ["print(token[:3])"], "outputs": [{"output_type": "stream", "name": "stdout", "text": ["hf_\\n"]}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
      },
    ],
    references: [
      { title: 'CWE-532: Sensitive Information in a Log', url: 'https://cwe.mitre.org/data/definitions/532.html' },
      { title: 'nbstripout', url: 'https://github.com/kynan/nbstripout' },
    ],
    cwe: [532],
    atlas: ['AML.T0055'],
    owasp: ['LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python' || !text.path.toLowerCase().endsWith('.ipynb')) return;
    const content = text.text.replace(/^\uFEFF/, '');
    const found = secretsIn(content);
    if (found.length === 0) return;
    const lines = new LineIndex(content);
    for (const { issuer, start, end } of found) {
      const { line, column } = lines.position(start);
      const inCell = text.strings.some(
        ({ range }) =>
          (range.line < line || (range.line === line && range.column <= column)) &&
          (range.endLine > line || (range.endLine === line && range.endColumn >= column)),
      );
      const output = content.lastIndexOf('"outputs"', start);
      if (inCell || output < content.lastIndexOf('"source"', start)) continue;
      report({
        message: `An output shows ${withArticle(issuer)}. Revoke it, and clear the outputs before the notebook is committed.`,
        location: placeOf(lines.range(start, end)),
        evidence: { what: issuer },
      });
    }
  },
});
