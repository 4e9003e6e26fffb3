import { packageAddress } from '../aibom/cyclonedx/parts.ts';
import type { LibraryRecord, VulnerabilityRecord } from '../aibom/record.ts';
import { canonicalName } from '../formats/text/requirements.ts';
import { affects, distinctAdvisories, type Advisory } from '../vulnerabilities/advisory.ts';
import { loadingBugs } from '../vulnerabilities/loadingBugs.ts';
import { knownAdvisories } from '../vulnerabilities/readAdvisories.ts';

/**
 * What is known to be wrong with the packages of a model, for its bill of materials: the loading bugs that come along, and a local OSV
 * export where the configuration names one. Packages without an exact version are affected by nothing that can be known.
 * @param osv absolute path of the export; null for none.
 */
export function packageVulnerabilities(
  osv: string | null,
): (packages: readonly LibraryRecord[]) => Promise<readonly VulnerabilityRecord[]> {
  return (packages) => {
    const records = new Map<string, VulnerabilityRecord>();
    for (const each of packages) {
      const { version } = each;
      if (version === undefined) continue;
      const name = canonicalName(each.name);
      const known = osv === null ? [] : (knownAdvisories(osv).get(name) ?? []);
      const ours = loadingBugs.filter((bug) => bug.package === name);
      for (const advisory of distinctAdvisories([...known, ...ours])) {
        if (!affects(advisory, version)) continue;
        const record = records.get(advisory.id) ?? recordOf(advisory, known.includes(advisory));
        const address = packageAddress(each);
        if (!record.affects.includes(address)) record.affects.push(address);
        records.set(advisory.id, record);
      }
    }
    return Promise.resolve([...records.values()]);
  };
}

function recordOf({ id, aliases, summary, url }: Advisory, fromOsv: boolean): VulnerabilityRecord {
  return {
    id,
    aliases,
    source: { name: fromOsv ? 'OSV' : 'Weighbridge: known bugs of loading', url },
    ...(summary === '' ? {} : { summary }),
    affects: [],
  };
}
