// `npm run release`: the whole checklist of a release, from the tag to signed packages.
//
//   --key PEM | --sigstore   who signs (every option of `weighbridge sign` that says who)
//   --public-key PEM, --root PEM, or --identity ID --issuer URL
//                            by what whoever fetches it verifies it: of a key, of a certificate, keyless
//   --out FOLDER             where the release is put; default: release/
//   --draft                  no tag, no clean tree, no tests and no signature are asked for: what would be released is looked at
//   --target PLATFORM        only this package of the extension, repeatable (drafts only); "any" is the one without native code
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { register } from 'tsx/esm/api';
import { repository, run, stopChildrenOnSignals } from './processes.mjs';
import { Checklist, Unfit } from './release/checklist.mjs';
import { checkOut, git, must } from './release/checkout.mjs';
import { digestsOf, makePackages, requireSameBytes, requireWithinBudgets } from './release/packages.mjs';
import { billOfMaterials, releaseStatement, requireAllowedLicences } from './release/papers.mjs';
import { requireChangelog, requireSchemaVersions, requireUpgradeNotes } from './release/words.mjs';
import { extensions } from './release/targets.mjs';

const unregister = register();
const { signerOf, signerOptions } = await import('../server/cli/signer.ts');
const { builderOf } = await import('../server/signing/provenance/builder.ts');
const { bundleText } = await import('../server/signing/bundle.ts');
const { inTotoPayloadType } = await import('../server/signing/envelope.ts');
const { signModel } = await import('../server/signing/signModel.ts');
const { verifyModel } = await import('../server/signing/verifyModel.ts');

const { values } = parseArgs({
  options: {
    ...signerOptions,
    'public-key': { type: 'string' },
    root: { type: 'string', multiple: true },
    identity: { type: 'string' },
    issuer: { type: 'string' },
    out: { type: 'string' },
    draft: { type: 'boolean', default: false },
    target: { type: 'string', multiple: true },
  },
});
const { draft } = values;
if (values.target !== undefined && !draft) throw new Error('--target is for drafts: a release has all packages');
const targets = extensions
  .map(({ target }) => target)
  .filter((target) => values.target === undefined || values.target.includes(target ?? 'any'));
const signs = values.key !== undefined || values.pkcs11 !== undefined || values.sigstore === true;

const trust = signs ? trustOf(values) : null;

const forgetSignals = stopChildrenOnSignals();
const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
const out = path.resolve(values.out ?? path.join(repository, 'release'));
if (existsSync(out)) throw new Error(`${out} is there already: remove it, or name another folder with --out`);
const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-release-'));
const list = new Checklist();
try {
  await release();
} finally {
  rmSync(scratch, { recursive: true, force: true });
  forgetSignals();
  await unregister();
}
if (list.failed) {
  console.log(
    `\nNot fit to be released: ${list.items.filter(({ state }) => state === 'FAILED').length} of the list failed.`,
  );
  process.exitCode = 1;
} else if (list.isWhole) console.log(`\n${version} is ready in ${path.relative(process.cwd(), out) || '.'}.`);
else console.log('\nA draft, and no release: some of the list was not asked for.');

async function release() {
  const commit = git(['rev-parse', 'HEAD']);
  const seconds = Number(git(['log', '-1', '--format=%ct']));
  const tag = `v${version}`;
  let fit = true;
  const check = async (name, body) => {
    fit = (await list.item(name, body)) && fit;
  };

  if (draft) list.leaveOut('tag and clean tree', `a draft of ${commit.slice(0, 12)}`);
  else
    await check('tag and clean tree', () => {
      const changed = git(['status', '--porcelain']);
      if (changed !== '') throw new Unfit(`commit or put away what was changed:\n${changed}`);
      if (!git(['tag', '--points-at', 'HEAD']).split('\n').includes(tag))
        throw new Unfit(`tag this commit: git tag -s ${tag}`);
      return tag;
    });
  await check('changelog', () => requireChangelog(repository, version, draft));
  await check('upgrade notes', () => requireUpgradeNotes(repository, version));
  await check('versions of schemas', () => requireSchemaVersions(repository));
  if (!fit) return;

  const [one, other] = [path.join(scratch, 'one'), path.join(scratch, 'the-other-checkout')];
  await check('two clean checkouts, installed and built', async () => {
    await checkOut(one, commit);
    await checkOut(other, commit);
  });
  if (!fit) return;
  if (draft) list.leaveOut('npm test', 'run it by hand');
  else await check('npm test', async () => lastLine(await must(process.execPath, ['scripts/test.mjs'], one)));

  const [first, second] = [path.join(scratch, 'packages'), path.join(scratch, 'packages-of-the-other')];
  await check('packages', async () => {
    await makePackages(one, first, version, targets);
    await makePackages(other, second, version, targets);
  });
  if (!fit) return;
  await check('the same bytes', () => requireSameBytes(first, second));
  await check('size budgets', () => requireWithinBudgets(first, version, targets));
  await check('the packed command runs', () => tryCommand(first));

  let bom = { text: '', components: [] };
  await check('bill of materials', async () => {
    bom = await billOfMaterials(one, { version, seconds });
    return `${JSON.parse(bom.text).components.length} components`;
  });
  await check('licences', () => requireAllowedLicences(bom.components));
  if (!fit) return;

  mkdirSync(path.dirname(out), { recursive: true });
  makeFolder(first, bom.text);
  if (!signs && draft) list.leaveOut('signature and provenance', 'name who signs: --key PEM or --sigstore');
  else await check('signature and provenance', () => sign({ first, commit, tag: draft ? null : tag, checkout: one }));
}

/** How the signature is verified, which nobody can be asked for at the end of an hour. */
function trustOf(given) {
  const text = (file) => readFileSync(path.resolve(file), 'utf8');
  if (given['public-key'] !== undefined) return { method: 'key', publicKey: text(given['public-key']) };
  if (given.root !== undefined) return { method: 'certificate', roots: given.root.map(text) };
  if (given.identity !== undefined && given.issuer !== undefined) {
    return { method: 'sigstore', identity: given.identity, issuer: given.issuer };
  }
  throw new Error('say by what it is verified: --public-key PEM, --root PEM, or --identity ID --issuer URL');
}

/** Puts the packages, the bill of materials and their checksums where the release is to stand. */
function makeFolder(packages, bom) {
  cpSync(packages, out, { recursive: true });
  writeFileSync(path.join(out, `weighbridge-${version}.cdx.json`), bom);
  const sums = [...digestsOf(out)].map(([name, digest]) => `${digest}  ${name}\n`).join('');
  writeFileSync(path.join(out, 'SHA256SUMS'), sums);
}

/** Signs the provenance of the packages, and then the folder as a model is signed; verifies it as whoever fetches it would. */
async function sign({ first, commit, tag, checkout }) {
  const io = {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    environment: process.env,
    signal: new AbortController().signal,
  };
  const remote = git(['config', '--default', '', '--get', 'remote.origin.url']);
  const source = /^(?:https|ssh):|^git@/.test(remote) ? `git+${remote}` : 'urn:weighbridge:source';
  const builder = builderOf(process.env);
  const statement = releaseStatement({ digests: digestsOf(first), version, commit, tag, source, checkout, builder });
  const signer = await signerOf(values, io);
  try {
    const text = bundleText(await signer.sign(statement, inTotoPayloadType));
    writeFileSync(path.join(out, `weighbridge-${version}.intoto.sigstore.json`), text);
    await signModel({ model: out, signer });
  } finally {
    await signer.dispose?.();
  }
  const { verified, reason } = await verifyModel({ model: out, trust });
  if (!verified) throw new Unfit(`the signature does not verify: ${reason}`);
  return `by ${signer.signer ?? signer.method}, built at ${builder.id}`;
}

/** @param {string} packages */
async function tryCommand(packages) {
  const folder = path.join(scratch, 'command');
  mkdirSync(folder);
  await must('tar', ['-xzf', path.join(packages, `weighbridge-${version}.tgz`), '-C', folder], folder);
  const program = path.join(folder, 'package', 'dist', 'weighbridge.cjs');
  const told = (await must(process.execPath, [program, '--version'], folder)).trim();
  if (!told.includes(version)) throw new Unfit(`it says that it is ${told}`);
  const { code, output } = await run(process.execPath, [program, 'scan', path.join(repository, 'examples')], {
    quiet: true,
  });
  if (code !== 1) throw new Unfit(`its scan of examples/ ended with ${code} instead of 1:\n${output}`);
  return lastLine(output);
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
