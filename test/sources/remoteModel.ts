import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';
import { weighbridge, type Outcome } from '../cli/weighbridge.ts';

const dangerous = assemblePickle(`
  PROTO 2
  GLOBAL os system
  BINUNICODE 'id'
  TUPLE1
  REDUCE
  STOP
`);

/** A name that every step on the way to a store has to encode. */
export const oddName = "odd/a+b c&(1)'\u00e9%41.pkl";

/** Bytes of the weights: what a scan must not fetch. */
export const weightBytes = 6 << 20;

/** A model with weights that are worth not fetching, and with what a scan must find. */
export const modelFiles: Record<string, Uint8Array> = {
  'config.json': Buffer.from('{"auto_map": {"AutoModel": "modeling.Model"}}\n'),
  'model.safetensors': safetensors(weightBytes),
  'weights/pytorch_model.bin': buildZip([
    { name: 'archive/data/0', data: new Uint8Array(weightBytes).fill(1) },
    { name: 'archive/data.pkl', data: dangerous },
    { name: 'archive/version', data: '3\n' },
  ]),
  [oddName]: dangerous,
};

function safetensors(bytes: number): Uint8Array {
  const header = JSON.stringify({ weight: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } });
  const file = Buffer.alloc(8 + header.length + bytes, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));
  file.writeBigUInt64LE(BigInt(header.length));
  file.write(header, 8);
  return file;
}

export function writeModel(folder: string): void {
  for (const [name, content] of Object.entries(modelFiles)) {
    const file = path.join(folder, ...name.split('/'));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

interface Report {
  artifacts: { path: string; format: string; size: number; complete: boolean }[];
  findings: { ruleId: string; path: string; message: string }[];
  errors: { path: string; message: string }[];
  sources: { name: string; files: number; bytes: number }[];
}

/** Scans a source with the built command. */
export async function scanned(
  cwd: string,
  address: string,
  environment: NodeJS.ProcessEnv,
  ...more: string[]
): Promise<Outcome & { report: Report }> {
  const outcome = await weighbridge(cwd, ['scan', address, '--format', 'json', ...more], environment);
  if (!outcome.stdout.startsWith('{')) throw new Error(`no report; exit code ${outcome.code}: ${outcome.stderr}`);
  return { ...outcome, report: JSON.parse(outcome.stdout) as Report };
}

/** What was found, without the name of the source: `rule path`, sorted; what is said of whole folders is left out. */
export function foundIn({ sources, findings }: Report): string[] {
  const name = sources[0]?.name ?? '';
  return findings
    .filter(({ ruleId }) => /^(?:pickle\/dangerous-import|model\/custom-code|file\/)/.test(ruleId))
    .map(({ ruleId, path: file }) => `${ruleId} ${file.replace(`${name}/`, '')}`)
    .sort();
}

/** What a scan of the model finds, wherever it lies. */
export const expected = [
  'model/custom-code config.json',
  `pickle/dangerous-import ${oddName}`,
  'pickle/dangerous-import weights/pytorch_model.bin',
];

/** The bytes that a scan says it fetched. */
export function fetchedBytes(text: string): number {
  const [, number, unit] = /: ([\d.]+) (\w+) of /.exec(text) ?? [];
  const scale: Record<string, number> = { bytes: 1, byte: 1, kB: 1e3, MB: 1e6, GB: 1e9 };
  return Number(number) * (scale[unit ?? ''] ?? NaN);
}
