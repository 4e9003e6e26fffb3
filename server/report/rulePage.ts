import type { Example, ProtobufFields, Rule, RuleMeta } from '../rules/rule.ts';
import type { Severity } from '../rules/finding.ts';
import { code, fenced, literal, prose, table } from './markdown.ts';

const severityWords: Record<Severity, string> = {
  error: 'error: do not load this',
  warning: 'warning: suspicious, or a control is missing',
  info: 'information',
};

const subjects: Record<Rule['subject'], string> = {
  artifact: 'a model or data file as a whole',
  text: 'configs, code and manifests',
  directory: 'a folder that holds a model',
  dataset: 'data files, in `weighbridge dataset scan`',
  pickle: 'pickles, wherever they stand',
  archive: 'archives and compressed files',
  torch: 'PyTorch checkpoints',
  safetensors: 'safetensors files',
  numpy: 'NumPy arrays',
  graph: 'models that are graphs: ONNX, TensorFlow and the like',
  hdf5: 'HDF5 files',
  keras: 'Keras models, in archives and in HDF5 files',
  gguf: 'GGUF models',
  rds: 'R object files',
  msgpack: 'MessagePack files, as Flax writes them',
  names: 'configurations that name code',
  template: 'chat templates, wherever they stand',
  unread: 'files of a known format that is not read yet',
};

const notice = '<!-- Generated from the rule by `npm run generate`. Change the rule, not this page. -->';

/** The page of one rule, in the form that all pages have. */
export function rulePage({ meta, subject }: Rule): string {
  return sections([
    notice,
    `# ${literal(meta.title)}`,
    prose(meta.description),
    table(
      ['Rule', 'Severity', 'Looks at', 'Since'],
      [
        [
          code(meta.id),
          meta.offByDefault
            ? `off; where it is switched on, ${severityWords[meta.severity]}`
            : severityWords[meta.severity],
          subjects[subject],
          meta.since,
        ],
      ],
    ),
    '## Avoid',
    ...meta.avoid.map(example),
    '## Prefer',
    ...meta.prefer.map(example),
    '## Why',
    prose(meta.why),
    '## How to fix',
    prose(meta.howToFix),
    '## Configuration',
    ...configuration(meta),
    '## Mappings',
    table(['Catalogue', 'Entries'], mappings(meta)),
    '## References',
    meta.references.map(({ title, url }) => `- [${literal(title)}](<${url}>)`).join('\n'),
  ]);
}

/** The index of all pages, by area. */
export function ruleIndex(rules: readonly Rule[]): string {
  const areas = [...new Set(rules.map(({ meta }) => areaOf(meta)))].sort();
  return sections([
    notice,
    '# Rules',
    `${rules.length} rules. The severity is the default; ${code('weighbridge.yaml')} changes it for a rule or an area. What is off says nothing until it is given one by its own name.`,
    ...areas.flatMap((area) => [
      `## ${area}`,
      table(
        ['Rule', 'Severity', 'What it finds'],
        rules
          .filter(({ meta }) => areaOf(meta) === area)
          .map(({ meta }) => [
            `[${meta.id}](${meta.id}.md)`,
            meta.offByDefault ? 'off' : meta.severity,
            literal(meta.title),
          ]),
      ),
    ]),
  ]);
}

function configuration(meta: RuleMeta): string[] {
  const area = code(`${areaOf(meta)}/*`);
  const file = (severity: string) => fenced(`version: 1\nrules:\n  ${meta.id}: ${severity}\n`, 'yaml');
  const oneRun = (setting: string) => `For one run: ${code(`weighbridge scan --rule ${meta.id}=${setting}`)}.`;
  if (meta.offByDefault) {
    return [
      `The rule is off until its own name has a severity in ${code('weighbridge.yaml')}; one of ${area} does not switch it on:`,
      file(`${meta.severity} # or ${meta.severity === 'error' ? 'warning' : 'error'}`),
      oneRun(meta.severity),
    ];
  }
  return [
    `In ${code('weighbridge.yaml')}; ${area} stands for all rules of the area:`,
    file(`${meta.severity === 'error' ? 'warning' : 'error'} # or info, or off`),
    oneRun('off'),
  ];
}

function areaOf(meta: RuleMeta): string {
  return meta.id.slice(0, meta.id.indexOf('/'));
}

function sections(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function mappings(meta: RuleMeta): string[][] {
  return [
    ['CWE', meta.cwe.map((id) => `[CWE-${id}](https://cwe.mitre.org/data/definitions/${id}.html)`).join(', ')],
    ['MITRE ATLAS', meta.atlas.map((id) => `[${id}](https://atlas.mitre.org/techniques/${id})`).join(', ')],
    ['OWASP', meta.owasp.join(', ')],
    ['NIST AI RMF 1.0', meta.nistAiRmf.join(', ')],
    ['EU AI Act', meta.euAiAct.join(', ')],
  ];
}

function example(shown: Example): string {
  const files = [shown, ...(shown.beside ?? [])].map((file, index) => fileOf(file, index > 0));
  return [...files, ...(shown.note === undefined ? [] : [prose(shown.note)])].join('\n\n');
}

function fileOf(file: Omit<Example, 'beside' | 'signing' | 'audits'>, beside: boolean): string {
  const name = beside ? `Beside it, ${code(file.file)}` : code(file.file);
  if (file.text !== undefined) return `${name}:\n\n${fenced(file.text, languageOf(file.file))}`;
  if (file.pickle !== undefined)
    return `${name}, a pickle with these opcodes:\n\n${fenced(listing(file.pickle), 'text')}`;
  if (file.safetensors)
    return `${name}, a safetensors file with this header and ${file.safetensors.dataBytes} bytes of data:\n\n${fenced(file.safetensors.header, 'text')}`;
  if (file.protobuf)
    return `${name}, a protobuf message with these fields, as ${code('protoc --decode_raw')} shows them:\n\n${fenced(rawFields(file.protobuf), 'text')}`;
  if (file.hdf5)
    return `${name}, an HDF5 file with this in its root group:\n\n${fenced(JSON.stringify(file.hdf5, null, 2), 'json')}`;
  if (file.zip) return `${name}, a ZIP archive with these entries:\n\n${file.zip.map(entryOf).join('\n')}`;
  if (file.linkTo !== undefined) return `${name}, a link to ${code(file.linkTo)}.`;
  return `${name}, these bytes:\n\n${fenced(hexLines(file.hex ?? ''), 'text')}`;
}

function entryOf(entry: NonNullable<Example['zip']>[number]): string {
  const content =
    entry.pickle !== undefined
      ? `a pickle: ${listing(entry.pickle).split('\n').filter(Boolean).map(code).join(' ')}`
      : entry.zeros !== undefined
        ? `${entry.zeros} zeros`
        : `the text ${code(entry.text ?? '')}`;
  const header = [
    ...(entry.method === 8 ? ['deflated'] : entry.method ? [`method ${entry.method}`] : []),
    ...(entry.flags === undefined ? [] : [`flags 0x${entry.flags.toString(16)}`]),
    ...(entry.crc === undefined ? [] : [`CRC 0x${entry.crc.toString(16).padStart(8, '0')}`]),
  ];
  return `- ${code(entry.name)}: ${content}${header.length > 0 ? ` (${header.join(', ')})` : ''}`;
}

function rawFields(fields: ProtobufFields, indent = ''): string {
  return fields
    .map(([field, value]) =>
      Array.isArray(value)
        ? `${indent}${field} {\n${rawFields(value, `${indent}  `)}${indent}}\n`
        : `${indent}${field}: ${typeof value === 'string' ? JSON.stringify(value) : value}\n`,
    )
    .join('');
}

function listing(pickle: string): string {
  return pickle
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim();
}

/** 16 bytes a line, with the ASCII characters among them, as hex dumps are read. */
function hexLines(hex: string): string {
  const lines = hex.replace(/\s+/g, '').match(/.{1,32}/g) ?? [];
  return lines
    .map((line) => {
      const ascii = Buffer.from(line, 'hex')
        .toString('latin1')
        .replace(/[^ -~]/g, '.');
      return `${line.replace(/..(?=.)/g, '$& ').padEnd(47)}  ${ascii}`;
    })
    .join('\n');
}

const languages: Record<string, string> = {
  py: 'python',
  yaml: 'yaml',
  yml: 'yaml',
  dvc: 'yaml',
  lock: 'yaml',
  json: 'json',
};

function languageOf(file: string): string {
  return languages[file.slice(file.lastIndexOf('.') + 1)] ?? 'text';
}
