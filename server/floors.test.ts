import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Breach {
  file: string;
  line: number;
  message: string;
}

const script = new URL('../scripts/floors.mjs', import.meta.url);
const { breaches, breachesIn } = (await import(script.href)) as {
  breaches: (root: string) => Breach[];
  breachesIn: (file: string, text: string) => Breach[];
};

test('every import of the repository points down', () => {
  assert.deepEqual(breaches(fileURLToPath(new URL('..', script))), []);
});

test('an import that does not is found, with its line', () => {
  const cases: [file: string, text: string, message: RegExp | null][] = [
    [
      'server/formats/x.ts',
      "import { y } from '../rules/y.ts';",
      /server\/rules\/y\.ts, which stands on a higher floor/,
    ],
    ['server/formats/x.ts', "import type { y } from '../files/y.ts';", null],
    ['server/engine/x.ts', "\nconst y = await import('../cli/y.ts');", /higher floor/],
    ['server/engine/x.ts', "export * from '../rules/y.ts';", null],
    ['server/rules/x.ts', "import { readFileSync } from 'node:fs';", /reads and writes nothing itself/],
    ['server/rules/x.ts', "import { gunzipSync } from 'node:zlib';", null],
    ['server/rules/x.test.ts', "import { readFileSync } from 'node:fs';", null],
    ['server/engine/x.ts', "import * as vscode from 'vscode';", /only the client/],
    ['server/cli/x.ts', "import { Range } from 'vscode-languageserver';", /only the language server/],
    ['server/lsp/x.ts', "import { Range } from 'vscode-languageserver/node';", null],
    ['client/x.ts', "import { y } from '../server/engine/y.ts';", /by its protocol only/],
    ['client/x.ts', "import { commands } from '../server/lsp/protocol.ts';", null],
    ['server/lsp/protocol.ts', "import { y } from './y.ts';", /brings no code along/],
    ['server/formats/x.ts', "import { y } from './y.fixture.ts';", /only tests may/],
  ];
  for (const [file, text, message] of cases) {
    const found = breachesIn(file, text);
    if (message === null) assert.deepEqual(found, [], `${file}: ${text}`);
    else assert.match(found[0]?.message ?? '', message, `${file}: ${text}`);
  }
  assert.equal(breachesIn('server/engine/x.ts', "\nconst y = await import('../cli/y.ts');")[0]?.line, 2);
});
