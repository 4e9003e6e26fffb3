import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { safetensorsName } from '../convert/outputPath.ts';
import { promisedDigest } from '../formats/contentAddress.ts';
import { openRows } from '../datasets/rows/openRows.ts';
import { readMarks } from '../datasets/review/marks.ts';
import { DatasetScanner } from '../datasets/scan/datasetScanner.ts';
import { inspect } from '../formats/inspect.ts';
import { buildHdf5 } from '../formats/hdf5/hdf5Builder.fixture.ts';
import { dataFilesOf, type DataFile } from '../formats/onnx/dataFiles.ts';
import { assemblePickle } from '../formats/pickle/assembler.fixture.ts';
import { buildProtobuf } from '../formats/protobuf/protobufBuilder.fixture.ts';
import { MemorySource } from '../formats/source.ts';
import { declaredRequirements, requirementFileNames } from '../formats/text/declaredRequirements.ts';
import { canonicalName } from '../formats/text/requirements.ts';
import { parseText, textLanguage } from '../formats/text/parse.ts';
import { recordBreaches } from '../datasets/record/validate.ts';
import { buildZip, type BuildEntry } from '../formats/zip/zipBuilder.fixture.ts';
import type { Finding, Severity } from './finding.ts';
import type { DirectorySigning } from './directory.ts';
import type { Example } from './rule.ts';
import { datasetsOf } from './datasetWorkspace.fixture.ts';
import { verifiedResult } from '../signing/verifiedResult.fixture.ts';
import { judgeDataset } from './judgeDataset.ts';
import { judgeText } from './judgeText.ts';
import { judgeArtifact, judgeDirectory } from './run.ts';
import type { ReferencedArtifact, WorkspaceFacts } from './text.ts';

type ExampleArtifact = ReferencedArtifact & { dataFiles: DataFile[] };
type ExampleFile = Omit<Example, 'beside' | 'signing' | 'audits' | 'baseline'>;

/** The bytes of an example's file. */
export function exampleBytes(example: ExampleFile): Uint8Array {
  if (example.text !== undefined) return Buffer.from(example.text);
  if (example.pickle !== undefined) return assemblePickle(example.pickle);
  if (example.protobuf) return buildProtobuf(example.protobuf);
  if (example.hdf5) return buildHdf5(example.hdf5);
  if (example.linkTo !== undefined) return new Uint8Array(0);
  if (example.hex !== undefined) return Buffer.from(example.hex.replace(/\s+/g, ''), 'hex');
  if (example.safetensors) {
    const header = Buffer.from(example.safetensors.header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, Buffer.alloc(example.safetensors.dataBytes)]);
  }
  if (example.zip) return buildZip(example.zip.map(zipEntry));
  throw new Error(`the example ${example.file} has no content`);
}

function zipEntry({ name, text, pickle, zeros, ...header }: NonNullable<Example['zip']>[number]): BuildEntry {
  const data = pickle !== undefined ? assemblePickle(pickle) : zeros !== undefined ? new Uint8Array(zeros) : text;
  return { name, ...(data === undefined ? {} : { data }), ...header };
}

/** What all rules say of an example and the files beside it, as a scan of that folder would. */
export async function judgeExample(example: Example): Promise<Finding[]> {
  const files = new Map<string, Uint8Array>();
  for (const file of [example, ...(example.beside ?? [])]) files.set(file.file, exampleBytes(file));
  const artifacts = new Map<string, ExampleArtifact>();
  const findings: Finding[] = [];
  for (const [path, bytes] of files) {
    const source = new MemorySource(bytes);
    const inspection = inspect(source, posix.basename(path));
    const named = promisedDigest(path);
    if (named !== null) inspection.address = { named, actual: createHash('sha256').update(bytes).digest('hex') };
    const found = judgeArtifact({ path, inspection, options: { allowedImports: [] } });
    findings.push(...found);
    if (inspection.format === 'text') continue;
    const worst = found.find(({ severity }) => severity === worstOf(found));
    artifacts.set(path, {
      path,
      format: inspection.format,
      worst: worst?.severity ?? null,
      message: worst?.message ?? null,
      safetensors: files.has(safetensorsName(path)) && !path.endsWith('.safetensors') ? safetensorsName(path) : null,
      convertible: inspection.parts.some((part) => part.kind === 'torch' && part.conversion.state === 'yes')
        ? 'yes'
        : 'no',
      dataFiles: dataFilesOf(inspection),
    });
  }
  const workspace = workspaceOf(files, artifacts);
  for (const [path, bytes] of files) {
    const language = textLanguage(path);
    if (!language) continue;
    const text = Buffer.from(bytes).toString('utf8');
    const breaches = path.endsWith('provenance.json') ? { breaches: recordBreaches(JSON.parse(text)) } : {};
    const { problems, ...parsed } = await parseText(language, text);
    assert.ok(problems.every(({ code }) => code === 'malformed'));
    findings.push(...judgeText({ path, text, workspace, ...parsed, ...breaches }));
  }
  findings.push(...directories(files, artifacts, example));
  findings.push(...dataset(files, example));
  return findings;
}

function worstOf(findings: Finding[]): Severity | undefined {
  return (['error', 'warning', 'info'] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity),
  );
}

function directories(
  files: Map<string, Uint8Array>,
  artifacts: Map<string, ExampleArtifact>,
  example: Example,
): Finding[] {
  const folders = new Set([...artifacts.keys()].map((path) => posix.dirname(path)));
  return [...folders].flatMap((folder) => {
    const inside = (path: string): boolean => posix.dirname(path) === folder;
    return judgeDirectory({
      path: folder,
      files: [...files.keys()].filter(inside).map((path) => posix.basename(path)),
      artifacts: [...artifacts.values()]
        .filter(({ path, format }) => inside(path) && format !== 'unknown' && format !== 'empty')
        .map(({ path, format, dataFiles }) => ({
          name: posix.basename(path),
          format,
          size: files.get(path)?.length ?? 0,
          dataFiles,
        })),
      signing: signingOf(folder, example),
      audits: example.audits ?? [],
      scans: example.scans ?? [],
      read(name, use) {
        const bytes = files.get(posix.join(folder, name));
        return bytes === undefined ? null : use(new MemorySource(bytes));
      },
      standing(name) {
        const path = posix.join(folder, name);
        const outside = example.beside?.find(({ file }) => file === path)?.linkTo ?? null;
        return files.has(path) ? { outside, names: 1 } : null;
      },
    });
  });
}

function dataset(files: Map<string, Uint8Array>, { file, baseline }: Example): Finding[] {
  if (!/\.(?:jsonl|csv|tsv)$/.test(file)) return [];
  const open = (name: string) => openRows(new MemorySource(files.get(name) ?? new Uint8Array(0)), name);
  const source = open(file);
  if (source === null) return [];
  const accepted = baseline === undefined ? null : open(baseline);
  const marks = readMarks(Buffer.from(files.get('weighbridge-marks.jsonl') ?? []).toString('utf8'), 'marks');
  const scanner = new DatasetScanner({
    path: file,
    sha256: '0'.repeat(64),
    source,
    accepted,
    columns: {},
    sample: { rows: 1000, background: 1000, seed: 1 },
    review: { marks, known: null, fileKnownClean: false },
    declaration: null,
  });
  finish(scanner.read());
  return judgeDataset(finish(scanner.finish()));
}

/** What a generator gives in the end. */
function finish<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function signingOf(folder: string, { signing }: Example): DirectorySigning {
  if (!signing?.result) return { stance: signing?.stance ?? 'none', signature: null, signedFiles: [] };
  const { stance, result, newer = [] } = signing;
  const signature = { model: folder, file: `${folder}/model.sig`, stance, newer, unreadable: [] };
  return { stance, signedFiles: [], signature: { ...signature, result: { ...verifiedResult, ...result } } };
}

/** A workspace of files in memory. */
export function workspaceOf(
  files: ReadonlyMap<string, Uint8Array>,
  artifacts: ReadonlyMap<string, ReferencedArtifact>,
): WorkspaceFacts {
  return {
    revision: 0,
    mayHaveArtifact: () => true,
    artifact: (reference, from) =>
      [posix.normalize(posix.join(posix.dirname(from), reference)), posix.normalize(reference)]
        .map((path) => artifacts.get(path))
        .find((artifact) => artifact !== undefined),
    datasets: datasetsOf(files),
    advisories: () => [],
    cachedCommit: () => 'fedcba9876543210fedcba9876543210fedcba98',
    requirement(name, from) {
      for (const file of requirementFileNames) {
        const bytes = files.get(posix.join(posix.dirname(from), file));
        const found = declaredRequirements(file, Buffer.from(bytes ?? []).toString('utf8')).filter(
          (each) => canonicalName(each.name) === canonicalName(name),
        );
        if (found.length > 0) return found.map(({ specifier }) => specifier);
      }
      return [];
    },
  };
}
