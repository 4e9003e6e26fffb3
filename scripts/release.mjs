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
import { billOfMaterials, requireAllowedLicences } from './release/billOfMaterials.mjs';
import { Checklist, Unfit } from './release/checklist.mjs';
import { checkOut, git, must } from './release/checkout.mjs';
import { componentsOf, goComponents, npmPackages } from './release/components.mjs';
import { nativeFiles, requireNativeCode } from './release/nativeCode.mjs';
import { digestsOf, makePackages, packagesOf, requireSameBytes, requireWithinBudgets } from './release/packages.mjs';
import { releaseStatement } from './release/provenance.mjs';
import { isKeyless, requireFittingTrust, signerBy, signRelease, signs, trustOf } from './release/signature.mjs';
import { extensions } from './release/targets.mjs';
import { requireChangelog, requireSchemaVersions, requireUpgradeNotes } from './release/words.mjs';

const unregister = register();
const { signerOptions } = await import('../server/cli/signer.ts');
const { builderOf } = await import('../server/signing/provenance/builder.ts');
const { repositoryAbove } = await import('../server/signing/provenance/gitCommit.ts');

const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
const { values, targets, trust, commit, out } = orRefuse(() => {
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
  if (!values.draft && !signs(values)) throw new Error('say who signs: --key PEM, --pkcs11 URI or --sigstore');
  const wanted = values.target;
  if (wanted !== undefined && !values.draft) throw new Error('--target is for drafts: a release has all packages');
  const known = extensions.map(({ target }) => target ?? 'any');
  const strange = wanted?.find((target) => !known.includes(target));
  if (strange !== undefined)
    throw new Error(`there is no package for ${strange}: --target is one of ${known.join(', ')}`);
  const out = path.resolve(values.out ?? path.join(repository, 'release'));
  if (existsSync(out)) throw new Error(`${out} is there already: remove it, or name another folder with --out`);
  return {
    ...{ values, out },
    targets: extensions.map(({ target }) => target).filter((target) => wanted?.includes(target ?? 'any') ?? true),
    trust: signs(values) ? trustOf(values) : null,
    commit: git(['rev-parse', 'HEAD']),
  };
});
const { draft } = values;

const forgetSignals = stopChildrenOnSignals();
const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-release-'));
const list = new Checklist();
/** A key is asked for before an hour has passed; who signs in does so when there is something to sign, because that does not last. */
let signer = null;
try {
  await release();
} finally {
  await signer?.dispose?.();
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
  if (trust !== null && !isKeyless(values))
    await check('who signs', async () => {
      signer = await orUnfit(() => signerBy(values));
      return requireFittingTrust(signer, trust);
    });
  if (!fit) return;

  const [one, other] = [path.join(scratch, 'one'), path.join(scratch, 'the-other-checkout')];
  await check('two clean checkouts, installed and built', async () => {
    await checkOut(one, commit);
    await checkOut(other, commit);
  });
  if (!fit) return;
  if (draft) list.leaveOut('npm test', 'run it by hand');
  else await check('npm test', async () => lastLine(await must(process.execPath, ['scripts/test.mjs'], one)));

  const [folder, second] = [path.join(scratch, 'release'), path.join(scratch, 'packages-of-the-other')];
  await check('packages', async () => {
    await makePackages(one, folder, version, targets);
    await makePackages(other, second, version, targets);
  });
  if (!fit) return;
  const packages = packagesOf(version, targets);
  const digests = digestsOf(folder);
  await check('the same bytes', () => requireSameBytes(folder, second));
  await check('size budgets', () => requireWithinBudgets(folder, packages));
  const native = new Map();
  await check('machine code', async () => {
    for (const each of packages) native.set(each.name, await nativeFiles(path.join(folder, each.name)));
    for (const each of packages) requireNativeCode(each, native.get(each.name));
    return `${[...native.values()].flat().length} files, each of the platform of its package`;
  });
  await check('the packed command runs', () => tryCommand(folder));
  if (!fit) return;

  const [npm, go] = [npmPackages(one), await goComponents(one)];
  const components = new Map(
    packages.map((each) => [each.name, componentsOf(one, { ...each, native: native.get(each.name) }, npm, go)]),
  );
  await check('licences', () => {
    const once = new Map([...components.values()].flat().map((each) => [each.ref, each]));
    return requireAllowedLicences([...once.values()]);
  });
  await check('bills of materials', async () => {
    for (const [name, of] of components) {
      const text = await billOfMaterials({ name, digest: digests.get(name), version, seconds }, of);
      writeFileSync(path.join(folder, `${name}.cdx.json`), text);
    }
    return [...components].map(([name, of]) => `${name} ${of.length}`).join(', ');
  });
  await check('checksums', () => {
    const sums = [...digestsOf(folder)].map(([name, digest]) => `${digest}  ${name}\n`).join('');
    writeFileSync(path.join(folder, 'SHA256SUMS'), sums);
  });
  if (!fit) return;
  if (trust === null) list.leaveOut('signature and provenance', 'name who signs: --key PEM or --sigstore');
  else
    await check('signature and provenance', async () => {
      // Without what people leave in the address of their remote.
      const source = repositoryAbove(repository)?.commit?.uri ?? 'urn:weighbridge:source';
      const builder = builderOf(process.env);
      const made = { digests, version, commit, tag: draft ? null : tag, source, checkout: one, builder };
      signer ??= await orUnfit(() => signerBy(values));
      const name = `weighbridge-${version}.intoto.sigstore.json`;
      await signRelease({ folder, name, statement: releaseStatement(made), signer, trust });
      return `by ${signer.signer ?? signer.method}, built at ${builder.id}`;
    });
  if (!fit) return;
  await check('put into place', () => {
    try {
      mkdirSync(path.dirname(out), { recursive: true });
      cpSync(folder, out, { recursive: true });
    } catch (error) {
      rmSync(out, { recursive: true, force: true });
      throw error;
    }
    return path.relative(process.cwd(), out);
  });
}

/** What a person gave wrong ends in one sentence. */
function orRefuse(body) {
  try {
    return body();
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** A key that cannot be read, or a sign-in that failed, is an item of the list. */
async function orUnfit(body) {
  try {
    return await body();
  } catch (error) {
    throw new Unfit(error.message);
  }
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
