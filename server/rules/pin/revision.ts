import { answerMark, type AskedEdit } from '../finding.ts';
import type { Report } from '../rule.ts';
import { quoted } from '../place.ts';
import { placeOf } from '../load/place.ts';
import type { TextSubject } from '../text.ts';
import { hubSites, standing, type HubSite } from './hubSites.ts';

/**
 * What is said of the models or datasets of a text: one information for all that name no revision, because nearly no file names one, and a
 * warning for each revision that is written out and can move.
 */
export function checkRevisions(text: TextSubject, kind: HubSite['kind'], report: (report: Report) => void): void {
  const sites = hubSites(text).filter((site) => site.kind === kind);
  const open = sites.filter((site) => standing(site) === 'none');
  const [first] = open;
  if (first) {
    const names = [...new Set(open.map(({ name }) => name))];
    const shown = names.slice(0, 3).map(quoted).join(', ');
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `Loads ${shown}${more} as the hub has it at the time: no revision is named. Pin the full commit.`,
      severity: 'info',
      location: placeOf(first.range),
      evidence: { names: names.slice(0, 50), revision: null },
      ...pinning(text, open),
    });
  }
  for (const site of sites.filter((each) => standing(each) === 'mutable')) {
    const written = site.revision ?? '';
    const short = /^[0-9a-f]{7,39}$/i.test(written);
    report({
      message: short
        ? `Pins ${quoted(site.name)} to ${quoted(written)}, which is no full commit: it can come to mean another one. Write all forty digits.`
        : `Loads ${quoted(site.name)} at ${quoted(written)}, a branch or a tag, which can be moved. Pin the full commit.`,
      severity: 'warning',
      location: placeOf(site.revisionRange ?? site.range),
      evidence: { names: [site.name], revision: written },
      ...pinning(text, [site]),
    });
  }
}

/** The commits that this machine has loaded last, where it has; who has none is asked. */
function pinning(text: TextSubject, sites: readonly HubSite[]): Pick<Report, 'fixes' | 'edits' | 'asked'> {
  const changes = sites.flatMap((site) => {
    const commit = site.pin && text.workspace.cachedCommit(site.kind, site.name, site.revision ?? 'main');
    return commit && site.pin ? [site.pin(commit)] : [];
  });
  if (changes.length === 0) return { fixes: ['pin-revision'], asked: sites.slice(0, 20).flatMap(asking) };
  const places = changes.length > 1 ? ` in ${changes.length} places` : '';
  const title = `Pin the commit that was loaded last on this machine${places}`;
  return { fixes: ['pin-revision'], edits: [{ fix: 'pin-revision', kind: 'suggestion', title, changes }] };
}

/** Where this machine has loaded nothing, a person says which commit. */
function asking({ name, revision, pin }: HubSite): AskedEdit[] {
  if (!pin) return [];
  const title = `Pin ${name} to a commit...`;
  const of = revision ? `${name} at ${revision}` : name;
  return [{ fix: 'pin-revision', title, wanted: 'commit', of, changes: [pin(answerMark)] }];
}
