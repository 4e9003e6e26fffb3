// What every parser of texts must stand: the list is `textLanguages`.
import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultLimits } from '../../server/formats/limits.ts';
import { parseText, textLimits, type TextLanguage } from '../../server/formats/text/parse.ts';
import { judgeTextContent, judgeTextFile } from '../../server/engine/textFile.ts';
import { WorkspaceTable } from '../../server/engine/workspaceFacts.ts';
import { splitTemplate } from '../../server/formats/template/lexer.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { assertInside } from './places.ts';
import { textLanguages } from './textLanguages.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-texts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings = { limits: defaultLimits, maxFileSize: null, allowedImports: [] };
const languages = Object.keys(textLanguages) as TextLanguage[];
/** Those that are files: cells are what an editor holds of a notebook. */
const files = languages.filter((language) => language !== 'cells');

/** What a scan says of a file with these bytes. */
async function judgeBytes(name: string, bytes: Uint8Array | string): Promise<Finding[]> {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  try {
    return (await judgeTextFile({ file, path: name }, new WorkspaceTable(folder), settings)).findings;
  } finally {
    rmSync(file);
  }
}

const brief = (findings: readonly Finding[]) =>
  findings.map(({ ruleId, location: { line, column } }) => `${ruleId} ${line}:${column}`).sort();
const isUnread = ({ ruleId, message }: Finding) =>
  ruleId === 'file/incomplete' && message.startsWith('Could not be fully inspected');

const utf16 = (text: string, ends: 'le' | 'be') => {
  const bytes = Buffer.from(text, 'utf16le');
  return ends === 'le' ? bytes : bytes.swap16();
};

describe('encodings', () => {
  for (const language of files) {
    const { file, text } = textLanguages[language];
    it(`${file}: UTF-16 with and without a mark, a mark of UTF-8 and CRLF change no finding`, async () => {
      const plain = brief(await judgeBytes(file, text));
      assert.notEqual(plain.length, 0, 'some rule speaks of the sample');
      const forms: Record<string, Uint8Array | string> = {
        'UTF-16LE with a mark': utf16(`\uFEFF${text}`, 'le'),
        'UTF-16BE with a mark': utf16(`\uFEFF${text}`, 'be'),
        'UTF-16LE without': utf16(text, 'le'),
        'UTF-16BE without': utf16(text, 'be'),
        'a mark of UTF-8': `\uFEFF${text}`,
        CRLF: text.replaceAll('\n', '\r\n'),
      };
      for (const [form, bytes] of Object.entries(forms))
        assert.deepEqual(brief(await judgeBytes(file, bytes)), plain, form);
    });

    it(`${file}: UTF-32 is not passed over in silence`, async () => {
      const wide = Buffer.from(Uint32Array.from([...text].map((sign) => sign.codePointAt(0) ?? 0)).buffer);
      assert.ok((await judgeBytes(file, wide)).some(isUnread));
    });

    it(`${file}: bytes that are no UTF-8 end nothing, and every place is in the text as it is shown`, async () => {
      const bytes = Buffer.from(text);
      for (let at = 0; at <= bytes.length; at += 7) {
        for (const broken of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0]]) {
          const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from(broken), bytes.subarray(at)]);
          const findings = await judgeBytes(file, changed);
          assertInside(
            changed.toString(),
            findings.map(({ location, edits }) => [location, edits]),
            file,
          );
        }
      }
    });
  }
});

describe('fifty megabytes', () => {
  const big = path.join(folder, 'big');
  writeFileSync(big, Buffer.alloc(50 << 20, 'trust_remote_code: true\n'));
  for (const language of files) {
    const { file } = textLanguages[language];
    it(`${file}: is told of as not read`, async () => {
      const where = mkdtempSync(path.join(folder, 'b-'));
      linkSync(big, path.join(where, file));
      const task = { file: path.join(where, file), path: file };
      const { findings } = await judgeTextFile(task, new WorkspaceTable(where), settings);
      assert.deepEqual(findings.map(isUnread), [true]);
    });
  }
});

describe('deep and long', () => {
  const long = 60_000;
  for (const language of languages) {
    const { file, text, head = '', nested, filling } = textLanguages[language];
    const hostile: Record<string, string> = {
      nested: head + nested.repeat(long / nested.length),
      filled: head + filling.repeat(long / filling.length),
      'filled behind what a rule speaks of': text + filling.repeat(long / filling.length),
      'one comment': '#'.repeat(1 << 20),
      'one line': head + 'a'.repeat(long),
      'line breaks': '\n'.repeat(long),
    };
    for (const [name, content] of Object.entries(hostile)) {
      // A parser that hangs fails by this limit.
      it(`${language}: ${name}`, { timeout: 120_000 }, async () => {
        const parsed = await parseText(language, content);
        assertInside(content, parsed, language);
        const options = { cells: language === 'cells' };
        const { findings } = await judgeTextContent(file, content, new WorkspaceTable(folder), settings, options);
        const places = findings.map(({ location, edits }) => [location, edits]);
        assertInside(content, places, language);
        // What the parser left out is said, but for what is no text of its language.
        const limited = parsed.problems.filter(({ code }) => code !== 'malformed');
        if (limited.length > 0 && content.includes(text)) assert.ok(findings.some(isUnread), JSON.stringify(limited));
      });
    }
  }
});

it('every parser of texts is in the list', async () => {
  const room = new URL('../../server/formats/text/', import.meta.url);
  const sources = readdirSync(room).filter((name) => name.endsWith('.ts') && !/\.(?:test|fixture)\.ts$/.test(name));
  const exported = await Promise.all(
    sources.map(async (name) => Object.keys((await import(new URL(name, room).href)) as object)),
  );
  const parsers = exported.flat().filter((name) => /^parse[A-Z]/.test(name));
  // One a language, but that a card is the YAML at its top. Of the others one chooses, two read a line of a file that these read,
  // and one leaves nothing out, as it is with texts that are edited.
  const ofLanguages = languages
    .filter((language) => language !== 'card')
    .map((language) => `parse${capital(language)}`);
  const others = ['parseText', 'parseRequirement', 'parseCondaRequirement', 'parseWholePython'];
  assert.deepEqual(parsers.sort(), [...ofLanguages, ...others].sort());
  assert.deepEqual(Object.keys(textLimits.length).sort(), [...languages].sort());
});

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

it('a chat template: any nesting and any length end', () => {
  for (const unit of ['{{ ', '{% ', '{# ', '{{ (', '{% raw %}', "{{ '", '{% if a %}', '{{ a|b(', '\0', '\uFEFF'])
    assert.ok(Array.isArray(splitTemplate(unit.repeat(60_000 / unit.length))));
});
