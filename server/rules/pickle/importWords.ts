import type { PickleFacts, PickleImport } from '../../formats/facts.ts';
import type { ArtifactContext, Report } from '../rule.ts';
import { partsAt } from '../partsAt.ts';
import type { FixId } from '../finding.ts';
import { classifyImport } from './knownImports.ts';

/** `os.system`, as the file spells it. */
export function spelled(entry: PickleImport): string {
  const { module, name } = entry.written ?? entry;
  return `${module ?? '<computed>'}.${name ?? '<computed>'}`;
}

/** Where the import stands, and what is known of it. */
export function importPlace(part: PickleFacts, entry: PickleImport): Pick<Report, 'location' | 'evidence'> {
  return {
    location: { entry: part.entry === '' ? null : part.entry, byteOffset: entry.offset },
    evidence: {
      module: entry.module,
      name: entry.name,
      opcode: entry.opcode,
      ...(entry.call !== undefined && { call: entry.call }),
      ...(entry.callOffset !== undefined && { callOffset: entry.callOffset }),
      ...(entry.written !== undefined && { written: spelled(entry) }),
    },
  };
}

/** Whether the user vouches for a name: `module.name`, or `module.*` for everything below. */
export function isAllowed(entry: PickleImport, artifact: ArtifactContext): boolean {
  const dotted = `${entry.module}.${entry.name}`;
  return artifact.options.allowedImports.some((pattern) =>
    pattern.endsWith('.*') ? dotted.startsWith(pattern.slice(0, -1)) : dotted === pattern,
  );
}

/** Whether a name only led to another one that is dangerous, which is told in its place: `os.system`, and not `attrgetter`. */
export function isToldByTarget(entry: PickleImport): boolean {
  return (entry.standsFor ?? []).some(({ module, name }) => classifyImport(module, name).tier === 'dangerous');
}

/**
 * Whether a name of another reading is only what the words of an honest file make: where joblib finds something vetted,
 * or a class, and the call is given no command.
 */
export function isChance(entry: PickleImport): boolean {
  const { byChance } = entry;
  if (byChance === undefined || byChance === null || isGivenCommand(entry)) return false;
  return /^_?[A-Z]/.test(byChance.name) || classifyImport(byChance.module, byChance.name).tier === 'vetted';
}

/** The conversions that the artifact of a pickle offers. */
export function conversionFixes(artifact: ArtifactContext): FixId[] {
  for (const part of partsAt(artifact.inspection, '')) {
    if (part.kind !== 'torch') continue;
    if (part.conversion.state === 'yes') return ['convert-to-safetensors'];
    if (part.conversion.state === 'tensors-only') return ['convert-tensors-only'];
  }
  return [];
}

/** A text that begins as a shell command does, one that a shell is given, or Python that reaches for the system. */
const commandText = new RegExp(
  [
    /^\/(?:usr\/)?s?bin\/\S/,
    /^(?:(?:ba|da|z|k|c)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh|calc(?:\.exe)?|whoami|xterm)$/,
    /^(?:sudo|nohup|echo|curl|wget|ncat|nc|chmod|ping|uname|(?:ba|da|z|k|c)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh)\s+\S/,
    /^(?:rm|cp|mv|cat|touch|ls|python\d?(?:\.\d+)?|perl|ruby|node|php)\s+(?:\S+\s+)*[-/~.]/,
    /[|;&]\s*(?:ba|z|k)?sh\b/,
    /\$\(|`[^`]+`/,
    /__import__\s*\(|\bimport (?:os|subprocess|socket|sys|builtins)\b/,
    /\b(?:os|subprocess|builtins)\.\w+\s*\(|\b(?:exec|eval)\s*\(/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/**
 * Whether a call that is on no list is given a command or code: what it does with that nobody has to know.
 * Only whole strings among the arguments count, as the call shows them.
 */
export function isGivenCommand(entry: PickleImport): boolean {
  if (!entry.called || entry.call === undefined) return false;
  const argumentsStart = entry.call.indexOf('(');
  const texts = entry.call.slice(argumentsStart).match(/'(?:[^'\\]|\\.)*'/g) ?? [];
  return texts.some((text) => commandText.test(text.slice(1, -1)));
}
