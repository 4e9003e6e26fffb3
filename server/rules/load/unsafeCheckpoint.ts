import { safetensorsName } from '../../convert/outputPath.ts';
import type { FormatId } from '../../formats/facts.ts';
import type { ConfigScalar } from '../../formats/text/facts.ts';
import type { Finding, FixId, Severity } from '../finding.ts';
import { defineRule, type Report } from '../rule.ts';
import type { ReferencedArtifact, TextSubject, WorkspaceFacts } from '../text.ts';
import { placeOf, replace } from './place.ts';
import { isReference, mayBeFolder, referencesIn, type Reference } from './references.ts';

export const unsafeCheckpoint = defineRule({
  subject: 'text',
  meta: {
    id: 'load/unsafe-checkpoint',
    title: 'A config or script uses an unsafe checkpoint',
    severity: 'error',
    description:
      'A string of a training config (YAML, JSON) or of Python code names a checkpoint of this repository, or a folder that holds one. It is an error when the checkpoint was found dangerous, a warning when it was found suspicious, and information when it is a pickle that could be a safetensors file. Each checkpoint is reported once a file. Paths that are written to are left out.',
    why: 'A dangerous file that nothing uses is litter; one that the next training job loads is an incident. This is the line that turns the one into the other.',
    howToFix:
      'Do not start the job. Take the checkpoint from a source that you trust, as safetensors if there is one, or convert it with `weighbridge convert`, and name the new file here.',
    avoid: [
      {
        file: 'train.yaml',
        text: 'model:\n  resume_from: models/model.pkl\n',
        beside: [
          { file: 'models/model.pkl', pickle: "PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP" },
        ],
        note: 'The job would run `os.system`.',
      },
      {
        file: 'serve.py',
        text: "import pickle\n\nwith open('model.pkl', 'rb') as file:\n    model = pickle.load(file)\n",
        beside: [
          { file: 'model.pkl', pickle: "PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP" },
        ],
      },
    ],
    prefer: [
      {
        file: 'train.yaml',
        text: 'model:\n  resume_from: models/model.safetensors\n',
        beside: [
          {
            file: 'models/model.safetensors',
            safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
          },
        ],
      },
    ],
    references: [
      { title: 'safetensors: a simple and safe way to store tensors', url: 'https://huggingface.co/docs/safetensors' },
      { title: 'Python documentation, pickle: the warning', url: 'https://docs.python.org/3/library/pickle.html' },
    ],
    cwe: [502, 829],
    atlas: ['AML.T0010.003', 'AML.T0011.000', 'AML.T0018.002'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const reported = new Set<string>();
    for (const reference of referencesIn(text, mayNameArtifact(text.workspace))) {
      for (const named of artifactsOf(reference, text)) {
        if (reported.has(named.artifact.path)) continue;
        const finding = judge(reference, named, text);
        if (!finding) continue;
        reported.add(named.artifact.path);
        report(finding);
      }
    }
  },
});

interface Named {
  artifact: ReferencedArtifact;
  /** True when the reference names its folder. */
  inFolder: boolean;
  /** Path of a safetensors file that can stand for it, or null. */
  twin: string | null;
}

const tests = new WeakMap<WorkspaceFacts, { revision: number; test: (scalar: ConfigScalar) => boolean }>();

/** Whether a scalar may name an artifact of a workspace, as long as that has the same ones. */
function mayNameArtifact(workspace: WorkspaceFacts): (scalar: ConfigScalar) => boolean {
  const known = tests.get(workspace);
  if (known?.revision === workspace.revision) return known.test;
  const hasFolders = inFolders.some((name) => workspace.mayHaveArtifact(name));
  const test = (scalar: ConfigScalar): boolean => {
    if (!isReference(scalar)) return false;
    const written = String(scalar.value);
    const name = written.slice(Math.max(written.lastIndexOf('/'), written.lastIndexOf('\\')) + 1);
    return (hasFolders && mayBeFolder(scalar)) || /^\.{0,2}$/.test(name) || workspace.mayHaveArtifact(name);
  };
  tests.set(workspace, { revision: workspace.revision, test });
  return test;
}

/** Names under which loaders look for a checkpoint in a folder. */
const inFolders = [
  'pytorch_model.bin',
  'pytorch_model-00001-of-00002.bin',
  'adapter_model.bin',
  'diffusion_pytorch_model.bin',
  'consolidated.00.pth',
  'model.pt',
  'model.pth',
  'model.ckpt',
  'model.bin',
  'model.pkl',
  'model.joblib',
  'optimizer.pt',
  'scheduler.pt',
  'training_args.bin',
];

function artifactsOf(reference: Reference, text: TextSubject): Named[] {
  const { workspace } = text;
  const direct = workspace.artifact(reference.value, text.path);
  if (direct) return [{ artifact: direct, inFolder: false, twin: twinOf(direct, workspace) }];
  if (!reference.mayBeFolder || /\.[A-Za-z]\w{0,11}$/.test(reference.value)) return [];
  const folder = reference.value.replace(/[\\/]+$/, '');
  return inFolders.flatMap((name) => {
    if (!workspace.mayHaveArtifact(name)) return [];
    const artifact = workspace.artifact(`${folder}/${name}`, text.path);
    return artifact ? [{ artifact, inFolder: true, twin: twinOf(artifact, workspace) }] : [];
  });
}

/** Beside it, of the same stem or of the name that Hugging Face gives to the converted file. */
function twinOf(artifact: ReferencedArtifact, workspace: WorkspaceFacts): string | null {
  if (artifact.safetensors !== null) return artifact.safetensors;
  const slash = artifact.path.lastIndexOf('/') + 1;
  const name = safetensorsName(artifact.path.slice(slash));
  const twin = workspace.artifact(`./${name}`, artifact.path);
  return twin?.format === 'safetensors' && twin.path === artifact.path.slice(0, slash) + name ? twin.path : null;
}

const pickles = new Set<FormatId>(['pickle', 'joblib', 'torch-zip', 'torch-legacy', 'torch-tar']);

function judge(reference: Reference, { artifact, inFolder, twin }: Named, text: TextSubject): Report | undefined {
  const severity: Severity | null =
    artifact.worst === 'error' || artifact.worst === 'warning'
      ? artifact.worst
      : pickles.has(artifact.format)
        ? 'info'
        : null;
  if (severity === null) return undefined;
  // An index lists shards by the hundred, and a loader that finds safetensors in a folder takes that.
  if (severity === 'info' && (text.path.endsWith('.index.json') || (inFolder && twin !== null))) return undefined;
  const what =
    severity === 'info'
      ? 'It is a pickle, and loading a pickle can run code.'
      : (artifact.message ?? 'It was found dangerous. Do not load it.');
  const { fixes, edits, advice } = fixesOf(reference, artifact, inFolder, twin);
  return {
    severity,
    message: `${reference.loads ? 'Loads' : 'Uses'} ${artifact.path}. ${what}${severity === 'info' ? ` ${advice}` : ''}`,
    location: placeOf(reference.range),
    evidence: { artifact: artifact.path, format: artifact.format, reference: reference.value },
    fixes,
    ...(edits.length > 0 ? { edits } : {}),
    related: [{ path: artifact.path, message: severity === 'info' ? 'A pickle checkpoint' : what }],
  };
}

interface Cure {
  fixes: FixId[];
  edits: NonNullable<Finding['edits']>;
  advice: string;
}

function fixesOf(reference: Reference, artifact: ReferencedArtifact, inFolder: boolean, twin: string | null): Cure {
  const none: Cure = { fixes: [], edits: [], advice: 'Take it as safetensors where its source offers that.' };
  if (twin !== null) {
    const edits = change(reference, inFolder, artifact, nameOf(twin), 'use-safetensors', `Use ${nameOf(twin)}`);
    return { fixes: edits.map((edit) => edit.fix), edits, advice: `Use ${nameOf(twin)} beside it.` };
  }
  if (artifact.convertible === 'yes') {
    const name = safetensorsName(nameOf(artifact.path));
    const edits = change(reference, inFolder, artifact, name, 'convert-and-use', `Convert, and use ${name}`);
    return {
      fixes: [...edits.map((edit) => edit.fix), 'convert-to-safetensors'],
      edits,
      advice: 'Convert it to safetensors and use that.',
    };
  }
  if (artifact.convertible === 'tensors-only')
    return { fixes: ['convert-tensors-only'], edits: [], advice: 'Convert its tensors to safetensors and use that.' };
  return none;
}

/** The edit that puts another file's name at the end of the path; none where the text is not written as it reads. */
function change(
  reference: Reference,
  inFolder: boolean,
  artifact: ReferencedArtifact,
  name: string,
  fix: FixId,
  title: string,
): NonNullable<Finding['edits']> {
  const { range, value } = reference;
  const old = nameOf(artifact.path);
  const written = range.line === range.endLine && range.endColumn - range.column === value.length;
  if (!reference.changeable || inFolder || !written || !value.endsWith(old) || !/^[\w.-]+$/.test(name)) return [];
  const last = { ...range, column: range.endColumn - old.length };
  return [{ fix, kind: 'suggestion', title, changes: [replace(last, name)] }];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
