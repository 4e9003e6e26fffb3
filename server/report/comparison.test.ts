import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import type { ScanReport } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';
import { compareReports } from './compareReports.ts';
import { comparisonMarkdown } from './comparisonMarkdown.ts';
import { gitlabReport } from './gitlab.ts';
import { jsonReport } from './json.ts';
import { inEntry, inText, report, unseen } from './report.fixture.ts';
import { readReport } from './reportedFindings.ts';
import { sarifReport } from './sarif.ts';

const scan = (...findings: Finding[]): ScanReport => ({ ...report, findings, errors: [] });
const read = (text: string) => readReport({ name: 'report', text });
const compared = (base: ScanReport, head: ScanReport, write = jsonReport) =>
  compareReports(read(write(base)), read(write(head)));

const moved: Finding = { ...inText, message: 'In other words.', location: { ...inText.location, line: 90, column: 1 } };
const elsewhere: Finding = { ...inText, path: 'other.yaml' };

test('lines that move are not new; a second finding of the same content is, and one in another file', () => {
  for (const write of [jsonReport, sarifReport]) {
    const same = compared(scan(inEntry, inText), scan(moved, inEntry), write);
    assert.deepEqual([same.added, same.fixed, same.unchanged], [[], [], 2]);
    const twice = compared(scan(inText), scan(inText, moved), write);
    assert.deepEqual(
      twice.added.map(({ location }) => location.line),
      [90],
    );
    const other = compared(scan(inText, unseen), scan(inText, elsewhere), write);
    assert.deepEqual([other.added[0]?.path, other.fixed[0]?.ruleId], ['other.yaml', 'file/incomplete']);
    assert.deepEqual(other.counts, { error: 0, warning: 1, info: 0 });
  }
});

test('JSON and SARIF of one scan say the same', () => {
  const mixed = compareReports(read(jsonReport(report)), read(sarifReport(report)));
  assert.deepEqual([mixed.added, mixed.fixed, mixed.unchanged], [[], [], report.findings.length]);
  assert.equal(mixed.errors, 1);
});

test('what is no report of a whole scan of Weighbridge is refused', () => {
  const edited = (change: (text: string) => string, write = jsonReport) => change(write(report));
  const refused: [string, RegExp][] = [
    ['[]', /is no report/],
    ['{"schemaVersion": 1}', /it has no findings/],
    [edited((text) => text.replace('"version": ', '"version": "x')), /is no report/],
    [edited((text) => text.replace(/"version": ".*"/, '"version": "<b>"')), /does not say which version/],
    [edited((text) => text.replace('"severity": "error"', '"severity": "toString"')), /holds a finding that is none/],
    [edited((text) => text.replace('"name": "Weighbridge"', '"name": "Other"'), sarifReport), /its tool is another/],
    [edited((text) => text.replaceAll('weighbridge/v1', 'other/v1'), sarifReport), /holds a finding that is none/],
    [
      edited((text) => text.replace('"module": "os"', `"module": ${'['.repeat(99_999)}${']'.repeat(99_999)}`)),
      /holds a finding that is none/,
    ],
    [jsonReport({ ...report, shard: { index: 1, count: 2 } }), /the report of a part/],
    [sarifReport({ ...report, shard: { index: 1, count: 2 } }), /the report of a part/],
  ];
  for (const [text, message] of refused) assert.throws(() => read(text), { code: 'bad-input', message });
});

// As much as GitHub might do with it: HTML, links without mark-up, line breaks.
const renderer = new MarkdownIt({ html: true, linkify: true, breaks: true });

/** What stands in the comment outside of code, and where it links to. */
function outsideOfCode(markdown: string): { text: string; links: string[]; code: string[] } {
  const tokens = renderer.parse(markdown, {}).flatMap((token) => token.children ?? [token]);
  const kinds = new Set(tokens.map(({ type }) => type));
  for (const kind of ['image', 'html_inline', 'fence', 'code_block'])
    assert.ok(!kinds.has(kind), `${kind} in ${markdown}`);
  const html = tokens.filter(({ type }) => type === 'html_block').map(({ content }) => content);
  assert.deepEqual(html, ['<!-- weighbridge new findings: weighbridge -->\n']);
  return {
    text: tokens.flatMap(({ type, content }) => (type === 'text' ? [content] : [])).join(''),
    links: tokens.filter(({ type }) => type === 'link_open').map((token) => String(token.attrGet('href'))),
    code: tokens.flatMap(({ type, content }) => (type === 'code_inline' ? [content] : [])),
  };
}

const hostile = [
  '@octocat and @org/team',
  '![x](https://evil.example/a.png) [y](javascript:alert(1)) <img src=x onerror=alert(1)>',
  'https://evil.example www.evil.example #12 GH-12 org/repo#12 0123456789abcdef0123456789abcdef01234567',
  '`` ` ``` ````',
  '`',
  '',
  '   ',
  '--> <!-- weighbridge new findings: weighbridge -->',
  'a\n\n# heading\n- item\r\n> quote\t|table|',
  '\u202egnp.exe\u200b',
  '\ud800',
  '````````````````````',
];

test('texts from reports are inert: no mention, link, picture, HTML or reference comes of them', () => {
  const check = (text: string): void => {
    const finding = {
      ...inEntry,
      message: text,
      path: text,
      ruleId: text,
      location: { ...inEntry.location, entry: text },
    };
    const {
      text: outside,
      links,
      code,
    } = outsideOfCode(comparisonMarkdown(compared(scan(), scan(finding)), 'weighbridge'));
    assert.match(outside, /^Weighbridge: 1 new finding \(1 error\)error {2}at : $/);
    assert.doesNotMatch(outside, /[@#<]|http|www|GH-/);
    assert.deepEqual(links, []);
    assert.equal(code.length, 4);
  };
  for (const text of hostile) check(text);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.constantFrom('`', '\\', '\n', '@a', '<', '![', '](', '|', ' ', '*', '_', '&lt;'), fc.string()),
      ),
      (pieces) => check(pieces.join('')),
    ),
    { numRuns: 300 },
  );
});

test('a finding shows its place and its message, and its rule links to the page', () => {
  const { links, code } = outsideOfCode(comparisonMarkdown(compared(scan(), scan(inText)), 'weighbridge'));
  assert.deepEqual(links, [
    'https://github.com/weighbridge-dev/weighbridge/blob/main/docs/rules/load/trust-remote-code.md',
  ]);
  assert.deepEqual(code, ['train.yaml', '3:5', 'Loads code from the hub.']);
});

test('a comment is never longer than GitHub takes, errors come first, and what is left out is counted', () => {
  const many = Array.from({ length: 5000 }, (_, index): Finding => {
    const severity = index % 100 === 99 ? 'error' : 'warning';
    return { ...inText, severity, path: `${index}.yaml`, message: `${'`@x '.repeat(300)}${index}` };
  });
  const text = comparisonMarkdown(compared(scan(), scan(...many)), 'weighbridge');
  assert.ok(text.length <= 65_536, `${text.length}`);
  const { code } = outsideOfCode(text);
  assert.equal(code[0], '99.yaml');
  const shown = text.match(/^- \*\*/gm)?.length ?? 0;
  assert.ok(shown > 40);
  assert.ok(text.includes(`And ${5000 - shown} more`));
});

test("GitLab's report has what GitLab asks for, and a fingerprint of its own for each finding", () => {
  const issues = JSON.parse(gitlabReport(scan(inEntry, inText, moved))) as {
    description: string;
    check_name: string;
    fingerprint: string;
    severity: string;
    location: { path: string; lines: { begin: number } };
  }[];
  assert.deepEqual(
    issues.map(({ severity, location }) => [severity, location.path, location.lines.begin]),
    [
      ['critical', 'models/a b/pytorch_model.bin', 1],
      ['major', 'train.yaml', 3],
      ['major', 'train.yaml', 90],
    ],
  );
  assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, 3);
  assert.equal(issues[1]?.check_name, 'load/trust-remote-code');
});
