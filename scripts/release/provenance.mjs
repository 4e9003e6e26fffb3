// How a release was built, as SLSA provenance.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * SLSA provenance 1.0 of the packages (https://slsa.dev/spec/v1.0/provenance).
 * @param {{ digests: Map<string, string>, version: string, commit: string, tag: string | null, source: string, checkout: string, builder: { id: string, invocationId?: string, externalParameters: object } }} release
 * @returns {Buffer} an in-toto statement.
 */
export function releaseStatement({ digests, version, commit, tag, source, checkout, builder }) {
  const lock = createHash('sha256').update(readFileSync(path.join(checkout, 'package-lock.json')));
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [...digests].map(([name, sha256]) => ({ name, digest: { sha256 } })),
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:weighbridge:release:v1',
          externalParameters: { version, tag, ...builder.externalParameters },
          internalParameters: { node: process.version, go: goVersion(), builtTwice: true },
          resolvedDependencies: [
            { uri: source, digest: { gitCommit: commit } },
            { name: 'package-lock.json', digest: { sha256: lock.digest('hex') } },
          ],
        },
        runDetails: {
          builder: { id: builder.id },
          ...(builder.invocationId !== undefined && { metadata: { invocationId: builder.invocationId } }),
        },
      },
    }),
  );
}

const goVersion = () => execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
