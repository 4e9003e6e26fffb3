import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { verifyBom } from '../../server/aibom/signature.ts';
import { get, isObject, type JsonObject, list } from '../../server/aibom/validate/document.ts';
import { validateBom } from '../../server/aibom/validate/validate.ts';
import { hubModelFolder, hubModels } from './hubModels.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const run = promisify(execFile);
const cdxgenVersion = '12.8.4';

/** cdxgen, the closest peer: 54 MB, so it is fetched for this comparison alone. */
async function cdxgen(command: 'aibom' | 'cdx-sign'): Promise<string> {
  const folder = path.join(repository, '.tools', `cdxgen-${cdxgenVersion}`);
  const program = path.join(folder, 'node_modules', '.bin', command);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
  const options = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...options, `@cyclonedx/cdxgen@${cdxgenVersion}`], { cwd: folder });
  return program;
}

/** What each folder is in truth: the weights' files, the licence, the parameters, and what it was made from. */
const truth: Record<
  (typeof hubModels)[number],
  { weights: number; licence: string; parameters: string | null; base: string | null }
> = {
  'bert-sentiment': { weights: 1, licence: 'Apache-2.0', parameters: '11810', base: 'google-bert/bert-base-uncased' },
  'gpt-shards': { weights: 3, licence: 'MIT', parameters: '124672', base: null },
  'llama-lora': { weights: 1, licence: 'Apache-2.0', parameters: '128', base: 'meta-llama/Llama-2-7b-hf' },
  'nb-whisper': { weights: 1, licence: 'Apache-2.0', parameters: '8304', base: 'openai/whisper-small' },
  'pointers-only': { weights: 1, licence: 'CC-BY-NC-4.0', parameters: null, base: null },
  'vit-labels': { weights: 1, licence: 'example-licence', parameters: '3187', base: 'google/vit-base-patch16-224' },
};

interface Score {
  valid: boolean;
  hashes: boolean;
  licence: boolean;
  identity: boolean;
  pedigree: boolean;
  parameters: boolean;
}

function score(name: (typeof hubModels)[number], text: string): Score {
  const { document, problems } = validateBom(text);
  const root = document?.root ?? {};
  const components = allComponents([get(root, 'metadata', 'component'), ...list(root['components'])]);
  const { weights, licence, parameters, base } = truth[name];
  const models = components.filter((each) => each['type'] === 'machine-learning-model');
  const isBase = (each: JsonObject) =>
    base !== null && [each['group'], each['name']].filter((part) => part).join('/') === base;
  const subject = models.find((each) => each['modelCard'] !== undefined) ?? models[0] ?? {};
  const hashed = components.filter(
    (each) =>
      /\.(?:safetensors|bin)$/.test(String(each['name'])) &&
      list(each['hashes']).length > 0 &&
      !String(each['name']).startsWith('training'),
  );
  const licences = list(subject['licenses']).map(
    (each) => get(each, 'license', 'id') ?? get(each, 'license', 'name') ?? get(each, 'expression'),
  );
  const ancestors = list(get(subject, 'pedigree', 'ancestors')).map((each) => JSON.stringify(each));
  return {
    valid: problems.every(({ severity }) => severity !== 'error'),
    hashes: hashed.length === weights,
    licence: licences.length === 1 && licences[0] === licence,
    identity: !isBase(subject),
    pedigree:
      base === null
        ? ancestors.length === 0
        : ancestors.some((each) => each.includes(base.split('/')[1] ?? base)) && !isBase(subject),
    parameters: parameters === null || JSON.stringify(subject).includes(`"${parameters}"`),
  };
}

const allComponents = (components: unknown[]): JsonObject[] =>
  components.filter(isObject).flatMap((each) => [each, ...allComponents(list(each['components']))]);

describe('bills of materials beside those of cdxgen', () => {
  let out = '';
  const scores: { name: string; ours: Score; theirs: Score }[] = [];

  before(async () => {
    const models = await hubModelFolder();
    const peer = await cdxgen('aibom');
    out = mkdtempSync(path.join(tmpdir(), 'weighbridge-cdxgen-'));
    for (const name of hubModels) {
      const [ours, theirs] = ['ours', 'theirs'].map((who) => path.join(out, `${name}.${who}.json`)) as [string, string];
      await run(
        process.execPath,
        [path.join(repository, 'dist', 'weighbridge.mjs'), 'aibom', name, '--out', ours, '-q'],
        { cwd: models },
      );
      await run(peer, ['-o', theirs, `./${name}`], { cwd: models, maxBuffer: 64 << 20 });
      scores.push({
        name,
        ours: score(name, readFileSync(ours, 'utf8')),
        theirs: score(name, readFileSync(theirs, 'utf8')),
      });
    }
  });

  after(() => rmSync(out, { recursive: true, force: true }));

  it('are right in everything, and in nothing behind', () => {
    const total = scores.length;
    for (const what of ['valid', 'hashes', 'licence', 'identity', 'pedigree', 'parameters'] as const) {
      const ours = scores.filter((each) => each.ours[what]).length;
      const theirs = scores.filter((each) => each.theirs[what]).length;
      console.log(`${what}: weighbridge ${ours}/${total}, cdxgen ${theirs}/${total}`);
      assert.equal(ours, total, what);
      if (what !== 'valid')
        assert.ok(
          theirs < ours,
          `cdxgen has ${what} right in all, too: the comparison in docs/aibom.md is out of date`,
        );
    }
  });

  it('are verified in the dialect in which cdxgen signs, with its default algorithm, too', async () => {
    const document = path.join(out, 'gpt-shards.ours.json');
    for (const [algorithm, { privateKey, publicKey }] of [
      ['Ed25519', generateKeyPairSync('ed25519')],
      ['RS512', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ] as const) {
      const [key, signed] = [path.join(out, `${algorithm}.pem`), path.join(out, `${algorithm}.json`)];
      writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await run(await cdxgen('cdx-sign'), ['-i', document, '-o', signed, '-k', key, '-a', algorithm]);
      const trusted = String(publicKey.export({ type: 'spki', format: 'pem' }));
      const root = JSON.parse(readFileSync(signed, 'utf8')) as JsonObject;
      assert.deepEqual(verifyBom(root, trusted), { verified: true, algorithm, dialect: 'cdxgen', reason: null });
      assert.equal(verifyBom({ ...root, version: 9 }, trusted).verified, false);
    }
  });
});
