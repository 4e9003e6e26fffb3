// A program, run by mutations.test.ts in a process of its own with a small heap: damages files and inspects each copy.
// Says on standard error what it is at, so that a hang or a crash has a name; prints what went wrong as JSON.
import { writeSync } from 'node:fs';
import type { PickleFacts, PickleImport } from '../../server/formats/facts.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { judgeBytes } from './judgeBytes.ts';
import { PickleGrammar } from '../interop/pickleGrammar.ts';
import { mutationsOf } from './mutations.ts';
import { SeededRandom } from './seededRandom.ts';
import { corpusSubjects, generatedSubjects, type Subject } from './subjects.ts';

/** What the test asserts. */
export interface MutationReport {
  subjects: number;
  copies: number;
  /** Copies that made a reader or a rule throw. */
  thrown: string[];
  /** Copies whose dangerous call was untouched, and that no longer gave an error. */
  silent: string[];
  /** Cut copies, with their first header whole, of files of a known format, of which nothing at all was said. */
  unnoticed: string[];
  /** Bytes. */
  peakMemory: number;
}

const longest = 256 << 10;

/** Formats that are read whole: what is missing from them is seen. */
const readFormats = new Set([
  ...['pickle', 'joblib', 'torch-zip', 'torch-legacy', 'torch-tar', 'torchscript', 'numpy', 'npz', 'safetensors'],
  ...['zip', 'tar', 'gzip', 'zlib', 'bzip2', 'xz', 'lzma'],
]);

const [group = 'generated', perSubject = '60', round = '1', repository = process.cwd()] = process.argv.slice(2);
const report: MutationReport = { subjects: 0, copies: 0, thrown: [], silent: [], unnoticed: [], peakMemory: 0 };
const subjects = group === 'corpus' ? corpusSubjects(repository, longest) : generatedSubjects();
subjects.forEach((subject, index) =>
  damage(subject, Number(perSubject), new SeededRandom(Number(round) * 1000 + index)),
);
if (group === 'generated') {
  for (let index = 0; index < Number(perSubject); index++) generate(Number(round) * 100_000 + index);
}
report.peakMemory = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify(report));

/** A pickle by the grammar, and damaged copies of it. */
function generate(seed: number): void {
  const bytes = new PickleGrammar(seed, seed % 2 === 0).write();
  const subject = { name: `grammar-${seed}.pkl`, bytes };
  judge(subject, bytes);
  for (const copy of mutationsOf(bytes, 4, new SeededRandom(seed))) judge(subject, copy.bytes, copy.what);
}

function damage(subject: Subject, count: number, random: SeededRandom): void {
  report.subjects++;
  const original = judge(subject, subject.bytes);
  if (!original) return;
  const known = readFormats.has(original.format);
  for (const { what, bytes } of mutationsOf(subject.bytes, count, random)) {
    const result = judge(subject, bytes, what);
    const cut =
      what.startsWith('cut') &&
      bytes.length > (original.format.endsWith('tar') ? 512 : 64) &&
      !endsWhole(subject.bytes, bytes.length);
    if (known && cut && result?.findings.length === 0) report.unnoticed.push(`${subject.name}: ${what}`);
  }
  if (original.calledBefore === null) return;
  for (const { what, bytes } of mutationsOf(subject.bytes, count, random, original.calledBefore)) {
    const result = judge(subject, bytes, what);
    if (result && !result.findings.some(({ severity }) => severity === 'error'))
      report.silent.push(`${subject.name}: ${what}`);
  }
}

interface Judged {
  format: string;
  findings: Finding[];
  /** The offset after the first dangerous call in a pickle that is the file itself; null when there is none. */
  calledBefore: number | null;
}

function judge(subject: Subject, bytes: Uint8Array, what = 'as it is'): Judged | null {
  writeSync(2, `${subject.name}: ${what}\n`);
  report.copies++;
  try {
    const { inspection, findings } = judgeBytes(subject.name, bytes);
    const pickle = inspection.parts.find((part): part is PickleFacts => part.kind === 'pickle' && part.entry === '');
    const dangerous = findings.find(({ ruleId }) => ruleId === 'pickle/dangerous-import');
    const call = pickle?.imports.find(({ called, offset }) => called && offset === dangerous?.location.byteOffset);
    return {
      format: inspection.format,
      findings,
      calledBefore: call ? endOfCall(call) : null,
    };
  } catch (error) {
    report.thrown.push(
      `${subject.name}: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return null;
  }
}

/** The offset after the opcode that calls: INST carries its two names, the others nothing. */
function endOfCall({ opcode, module, name, written, callOffset }: PickleImport): number | null {
  if (callOffset === undefined) return null;
  const names = written ?? { module: module ?? '', name: name ?? '' };
  return callOffset + 1 + (opcode === 'INST' ? names.module.length + names.name.length + 2 : 0);
}

/** A cut just after a STOP leaves a whole pickle, and a cut inside a tar's closing zeros a whole tar. */
function endsWhole(original: Uint8Array, length: number): boolean {
  return original[length - 1] === 0x2e || original.subarray(length).every((byte) => byte === 0);
}
