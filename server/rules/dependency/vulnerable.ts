import { declaredRequirements } from '../../formats/text/declaredRequirements.ts';
import type { PythonRequirement } from '../../formats/text/facts.ts';
import { canonicalName } from '../../formats/text/requirements.ts';
import { affects, distinctAdvisories, fixedInAll, type Advisory } from '../../vulnerabilities/advisory.ts';
import { loadingBugs } from '../../vulnerabilities/loadingBugs.ts';
import { placeOf, replace } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, type TextSubject } from '../text.ts';

export const vulnerable = defineRule({
  subject: 'text',
  meta: {
    id: 'dependency/vulnerable',
    title: 'A package is asked for in a version with a known vulnerability',
    severity: 'warning',
    description:
      'A requirements, lock or project file or a conda environment names an exact version that an advisory covers. Without any database, the bugs are known by which loading a model runs code (`torch` before 2.10, `keras` before 3.15, and others). With `vulnerabilities: {osv: ...}` in `weighbridge.yaml`, every advisory of a local OSV export counts. Versions are compared by PEP 440; advisories that were withdrawn are left out, and those of several names are told once. Nothing is asked over a network.',
    why: 'The bug is public, and so is how to use it: a checkpoint that is loaded by the old version runs code.',
    howToFix: 'Upgrade to the version that the finding names, and write the lock file anew.',
    avoid: [
      { file: 'requirements.txt', text: 'torch==2.5.1\n' },
      { file: 'poetry.lock', text: '[[package]]\nname = "keras"\nversion = "3.8.0"\n' },
    ],
    prefer: [
      { file: 'requirements.txt', text: 'torch==2.10.0\nnumpy==1.26.4\n' },
      {
        file: 'pyproject.toml',
        text: '[project]\nname = "x"\ndependencies = ["torch>=2.0"]\n',
        note: 'A range is not a version.',
      },
    ],
    references: [
      { title: 'OSV: open source vulnerabilities', url: 'https://osv.dev/' },
      {
        title: 'CVE-2025-32434: weights_only=True before PyTorch 2.6',
        url: 'https://github.com/advisories/GHSA-53q9-r3pm-6pq6',
      },
    ],
    cwe: [1395],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    // A file may ask for the same thousands of times.
    const judged = new Map<string, Judged>();
    for (const { name, specifier, specifierRange, range, source, url } of requirementsOf(text)) {
      const version = /^===?\s*([^*,\s]+)$/.exec(specifier)?.[1];
      if (version === undefined || url !== null) continue;
      const canonical = canonicalName(name === 'pytorch' && source === 'conda' ? 'torch' : name);
      const key = `${canonical} ${version}`;
      const { found, fixed } = judged.get(key) ?? judge(canonical, version, text);
      judged.set(key, { found, fixed });
      if (found.length === 0) continue;
      report({
        message: `${name} ${version} has ${found.length === 1 ? 'a known vulnerability' : `${found.length} known vulnerabilities`}: ${saying(found)}. ${fixed === null ? 'No version is known that repairs it.' : `Upgrade to ${fixed} or later.`}`,
        location: placeOf(range),
        evidence: { package: canonical, version, advisories: found.map(({ id }) => id), fixed },
        ...(fixed !== null && {
          fixes: ['upgrade-dependency'],
          // A lock file is written by its tool.
          ...(source !== 'locked' &&
            specifierRange && {
              edits: [
                {
                  fix: 'upgrade-dependency',
                  kind: 'suggestion',
                  title: `Upgrade ${name} to ${fixed}`,
                  changes: [replace(specifierRange, specifier.replace(version, fixed))],
                },
              ],
            }),
        }),
      });
    }
  },
});

interface Judged {
  /** Advisories that cover the version, and the version that none covers. */
  found: readonly Advisory[];
  fixed: string | null;
}

function judge(canonical: string, version: string, text: TextSubject): Judged {
  const known = distinctAdvisories([
    ...loadingBugs.filter((bug) => bug.package === canonical),
    ...text.workspace.advisories(canonical),
  ]);
  const found = known.filter((advisory) => affects(advisory, version));
  return { found, fixed: found.length === 0 ? null : (fixedInAll(known, version) ?? fixedInAll(found, version)) };
}

function saying(found: readonly Advisory[]): string {
  const shown = found.slice(0, 3).map(({ id, aliases, summary }) => {
    const cve = aliases.find((alias) => alias.startsWith('CVE-')) ?? id;
    return summary === '' ? cve : `${quoted(summary).slice(1, -1)} (${cve})`;
  });
  return `${shown.join('; ')}${found.length > 3 ? ` and ${found.length - 3} more` : ''}`;
}

function requirementsOf(text: TextSubject): PythonRequirement[] {
  if (text.language === 'requirements') return text.requirements;
  if ([...documentsOf(text, 'pyproject')].length > 0) return declaredRequirements(text.path, text.text);
  return [...documentsOf(text, 'conda')].length > 0 ? declaredRequirements('environment.yml', text.text) : [];
}
