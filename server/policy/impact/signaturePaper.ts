import { X509Certificate } from 'node:crypto';
import { parseBundle, type SignatureBundle } from '../../signing/bundle.ts';
import { isRecord, listOf, textOf } from './json.ts';
import type { Paper, Thing } from './papers.ts';

/**
 * What a signature, or the provenance beside it, says of a model: its files, what it was made of, and who signed. Nothing is verified.
 * @returns the reason, when it cannot be read.
 */
export function signaturePaper(document: Record<string, unknown>, file: string, folder: string): Paper[] | string {
  let bundle: SignatureBundle;
  let statement: unknown;
  try {
    bundle = parseBundle(JSON.stringify(document));
    statement = JSON.parse(bundle.payload.toString('utf8'));
  } catch (error) {
    return error instanceof Error ? error.message : 'it is no Sigstore bundle';
  }
  if (!isRecord(statement)) return 'its statement is no object';
  const [first, ...more] = listOf(statement['subject']).flatMap((subject) => descriptor(subject, 'model'));
  if (!first) return 'its statement is about nothing';
  const predicate = isRecord(statement['predicate']) ? statement['predicate'] : {};
  const definition = isRecord(predicate['buildDefinition']) ? predicate['buildDefinition'] : {};
  const dependencies = listOf(definition['resolvedDependencies']).flatMap((each) => descriptor(each, 'component'));
  const resources = listOf(predicate['resources']).flatMap((each) => descriptor(each, 'file'));
  const parts = [
    ...more.map((each): Thing => ({ ...each, kind: 'file' })),
    ...resources,
    ...dependencies,
    ...signerOf(bundle),
  ];
  const isProvenance = Object.keys(definition).length > 0;
  return [{ file, what: isProvenance ? 'provenance' : 'signature', folder, subject: first, parts }];
}

/** A resource of in-toto (name, uri, digests by algorithm), or of Model Signing (name, digest). */
function descriptor(value: unknown, kind: Thing['kind']): Thing[] {
  if (!isRecord(value)) return [];
  const names = [textOf(value['name']), textOf(value['uri'])].filter((name) => name !== null);
  const { digest } = value;
  const digests = (typeof digest === 'string' ? [digest] : Object.values(isRecord(digest) ? digest : {})).filter(
    (each): each is string => typeof each === 'string' && each !== '',
  );
  const annotations = isRecord(value['annotations']) ? value['annotations'] : {};
  const role = textOf(annotations['role']);
  const found = role === 'dataset' ? 'dataset' : role === 'base-model' ? 'model' : kind;
  return names.length + digests.length === 0
    ? []
    : [{ kind: found, names, digests: digests.map((each) => each.toLowerCase()) }];
}

function signerOf({ material }: SignatureBundle): Thing[] {
  if (material.method === 'key')
    return material.hint === null ? [] : [{ kind: 'signer', names: [], digests: [material.hint.toLowerCase()] }];
  const [leaf] = material.method === 'certificate' ? material.certificates : [material.certificate];
  if (!leaf) return [];
  try {
    const certificate = new X509Certificate(leaf);
    const alternatives = (certificate.subjectAltName ?? '')
      .split(', ')
      .flatMap((name) => name.replace(/^[^:]*:/, '') || []);
    const digest = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return [
      {
        kind: 'signer',
        names: [...alternatives, certificate.subject.replaceAll('\n', ', ')].filter((name) => name !== ''),
        digests: [digest],
      },
    ];
  } catch {
    return [];
  }
}
