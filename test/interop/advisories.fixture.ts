/** Records of OSV as its export has them, with what makes comparing hard: several ranges, `last_affected`, pre-releases, epochs, aliases, withdrawal. */
function record(
  id: string,
  name: string,
  ranges: Record<string, string>[][],
  more: Record<string, unknown> = {},
): { id: string } & Record<string, unknown> {
  return {
    schema_version: '1.6.0',
    id,
    modified: '2026-01-01T00:00:00Z',
    published: '2026-01-01T00:00:00Z',
    summary: `A bug of ${name}`,
    details: 'Only for tests.',
    aliases: [],
    references: [],
    affected: [
      {
        package: { ecosystem: 'PyPI', name },
        ranges: ranges.map((events) => ({ type: 'ECOSYSTEM', events })),
        versions: [],
      },
    ],
    ...more,
  };
}

export const advisoryRecords = [
  record('GHSA-test-0001', 'alpha', [[{ introduced: '0' }, { fixed: '2.6.0' }]], { aliases: ['CVE-2026-10001'] }),
  record('PYSEC-2026-1', 'alpha', [[{ introduced: '0' }, { fixed: '2.6.0' }]], { aliases: ['CVE-2026-10001'] }),
  record('GHSA-test-0002', 'Beta_Package', [
    [{ introduced: '1.0' }, { fixed: '1.4.2' }, { introduced: '2.0' }, { fixed: '2.1.1' }],
  ]),
  record('GHSA-test-0003', 'gamma', [[{ introduced: '0' }, { last_affected: '3.0' }]]),
  record('GHSA-test-0004', 'delta', [[{ introduced: '0' }, { fixed: '1.0rc2' }]]),
  record('GHSA-test-0005', 'epsilon', [[{ introduced: '1!1.0' }, { fixed: '1!2.0' }]]),
  record('GHSA-test-0006', 'zeta', [[{ introduced: '0' }]], { withdrawn: '2026-02-01T00:00:00Z' }),
  record('GHSA-test-0007', 'eta', [[{ introduced: '0' }, { fixed: '1.0.post2' }]]),
  record('GHSA-test-0008', 'theta', [[{ introduced: '0' }]]),
];

/** Exact versions on either side of each bound. */
export const auditedRequirements = [
  'alpha==2.5.1',
  'beta-package==2.1.0',
  'gamma==3.0',
  'delta==1.0rc1',
  'epsilon==1!1.5',
  'zeta==1.0',
  'eta==1.0.post1',
  'theta==0.1',
  'iota==1.0',
  '',
].join('\n');
