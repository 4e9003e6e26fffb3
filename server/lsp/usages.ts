import type { Json } from '../formats/facts.ts';
import type { Finding } from '../rules/finding.ts';
import type { Usage } from './diagnostics.ts';
import type { Folder } from './folder.ts';

const shownUsages = 10;

/** The artifact that a finding in a text speaks of, relative to the folder; undefined when it speaks of none. */
export function artifactOf(finding: Finding, folder: Folder): string | undefined {
  if (finding.location.line === null) return undefined;
  const named = [...(finding.related ?? []).map(({ path }) => path), ...Object.values(finding.evidence)];
  const isArtifact = (path: Json): path is string =>
    typeof path === 'string' && (folder.scanner.results().get(path)?.artifact ?? null) !== null;
  return named.find(isArtifact);
}

/** Which lines of the folder's texts use which artifact. Kept as results come, so that asking costs nothing. */
export class Usages {
  readonly #byText = new Map<string, string[]>();
  readonly #byArtifact = new Map<string, Map<string, Usage[]>>();

  /**
   * Takes note of a text's findings.
   * @returns the artifacts (relative) whose usages changed.
   */
  note(folder: Folder, text: string, findings: Finding[]): Set<string> {
    const touched = new Set<string>();
    for (const artifact of this.#byText.get(text) ?? []) {
      this.#byArtifact.get(artifact)?.delete(text);
      touched.add(artifact);
    }
    this.#byText.delete(text);
    for (const finding of findings) {
      const artifact = artifactOf(finding, folder);
      if (artifact === undefined || finding.location.line === null) continue;
      const texts = this.#byArtifact.get(artifact) ?? new Map<string, Usage[]>();
      this.#byArtifact.set(artifact, texts);
      const lines = texts.get(text) ?? [];
      texts.set(text, lines);
      if (!lines.some((usage) => usage.line === finding.location.line)) {
        lines.push({ path: folder.absolute(text), line: finding.location.line });
      }
      this.#byText.set(text, [...(this.#byText.get(text) ?? []), artifact]);
      touched.add(artifact);
    }
    return touched;
  }

  of(artifact: string): Usage[] {
    const usages = [...(this.#byArtifact.get(artifact)?.values() ?? [])].flat();
    return usages.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line).slice(0, shownUsages);
  }
}
