import { WeighbridgeError } from '../errors.ts';

/** Where a model lies that is no file on this machine, as a person writes it. */
export type SourceAddress =
  | { kind: 'http'; url: URL }
  | { kind: 'hub'; type: 'models' | 'datasets' | 'spaces'; repository: string; revision: string | null; path: string }
  | { kind: 's3'; bucket: string; prefix: string }
  | { kind: 'oci'; host: string; repository: string; reference: string; path: string }
  | { kind: 'mlflow'; model: string; version: string; isAlias: boolean; path: string };

const scheme = /^(?:https?|hf|s3|oci):\/\/|^models:\//i;

/** Whether an argument names a source and not a path. */
export function isSourceAddress(text: string): boolean {
  return scheme.test(text);
}

/** What each kind looks like, for help and messages. */
export const addressForms = {
  http: 'https://HOST/PATH',
  hub: 'hf://[datasets/|spaces/]ORGANISATION/NAME[@REVISION][/PATH]',
  s3: 's3://BUCKET[/PREFIX]',
  oci: 'oci://HOST/REPOSITORY:TAG, or @sha256:DIGEST',
  mlflow: 'models:/NAME/VERSION, or models:/NAME@ALIAS',
};

/** @throws {WeighbridgeError} `bad-usage` with the form that was meant. */
export function parseAddress(text: string): SourceAddress {
  // A name with such characters would be another one on its way through an address.
  if ([...text].some((character) => character < ' ' || character === '\u007f')) throw unusable(text, 'hub');
  const [, kind = ''] = /^([a-z0-9]+):/i.exec(text) ?? [];
  switch (kind.toLowerCase()) {
    case 'http':
    case 'https':
      return { kind: 'http', url: urlOf(text) };
    case 'hf':
      return hubAddress(text);
    case 's3':
      return s3Address(text);
    case 'oci':
      return ociAddress(text);
    default:
      return mlflowAddress(text);
  }
}

/**
 * An address as it is kept and compared: with what it stands for where nothing is said (`:latest`), and without what only looks
 * different. A name, a password or a query of a web address is not part of it.
 */
export function addressText(address: SourceAddress): string {
  switch (address.kind) {
    case 'http':
      return `${address.url.protocol}//${address.url.host}${address.url.pathname}`;
    case 'hub': {
      const { type, repository, revision, path } = address;
      const at = revision === null || revision === 'main' ? '' : `@${revision.replaceAll('/', '%2F')}`;
      return joined(`hf://${type === 'models' ? '' : `${type}/`}${repository}${at}`, path);
    }
    case 's3':
      return joined(`s3://${address.bucket}`, address.prefix);
    case 'oci': {
      const { host, repository, reference, path } = address;
      return joined(`oci://${host}/${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`, path);
    }
    case 'mlflow':
      return joined(`models:/${address.model}${address.isAlias ? '@' : '/'}${address.version}`, address.path);
  }
}

function joined(name: string, path: string): string {
  const below = path.replace(/\/+$/, '');
  return below === '' ? name : `${name}/${below}`;
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new WeighbridgeError('bad-usage', 'that is no usable address: write https://HOST/PATH', { cause });
  }
}

/** A revision with slashes is written with `%2F`; those of pull requests and conversions (`refs/pr/1`) need not be. */
function hubAddress(text: string): SourceAddress {
  const form =
    /^hf:\/\/(?:(models|datasets|spaces)\/)?([\w.-]+\/[\w.-]+)(?:@((?:refs\/(?:pr|convert)\/)?[^/@]+))?(?:\/(.*))?$/is;
  const [, type = 'models', repository = '..', revision, path = ''] = form.exec(text.replace(/\/+$/, '')) ?? [];
  if (repository.split('/').some((part) => /^\.+$/.test(part))) throw unusable(text, 'hub');
  return {
    kind: 'hub',
    type: type.toLowerCase() as 'models' | 'datasets' | 'spaces',
    repository,
    revision: revision === undefined ? null : decoded(revision),
    path,
  };
}

function s3Address(text: string): SourceAddress {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/is.exec(text) ?? [];
  if (bucket === undefined) throw unusable(text, 's3');
  return { kind: 's3', bucket: bucket.toLowerCase(), prefix };
}

/** Grammar: OCI Distribution Specification 1.1, "Pulling manifests". */
function ociAddress(text: string): SourceAddress {
  const form =
    /^oci:\/\/([^/@]+)\/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::([A-Za-z0-9_][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?(?:\/(.*))?$/;
  const [, host, repository, tag, digest, path = ''] = form.exec(text) ?? [];
  if (host === undefined || repository === undefined) throw unusable(text, 'oci');
  return { kind: 'oci', host, repository, reference: digest ?? tag ?? 'latest', path };
}

function mlflowAddress(text: string): SourceAddress {
  const [, model, version, alias, path = ''] = /^models:\/([^/@:]+)(?:\/(\d+)|@([^/@]+))(?:\/(.*))?$/.exec(text) ?? [];
  const named = version ?? alias;
  if (model === undefined || named === undefined) throw unusable(text, 'mlflow');
  return { kind: 'mlflow', model: decoded(model), version: decoded(named), isAlias: alias !== undefined, path };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unusable(text: string, kind: keyof typeof addressForms): WeighbridgeError {
  const shown = text.replace(/\/\/[^/]*@/, '//...@').replace(/\?.*/s, '?...');
  return new WeighbridgeError(
    'bad-usage',
    `"${shown.slice(0, 200)}" is no usable address: write ${addressForms[kind]}`,
  );
}
