import type { AdmissionDecision } from './decide.ts';
import { modelSourcesOf } from './modelSources.ts';

/** What Kubernetes asks (admission.k8s.io/v1), as far as it is read. */
export interface AdmissionRequest {
  uid: string;
  object: unknown;
  operation: string;
}

/** Null where it is no review of the version that Kubernetes sends. */
export function admissionRequestOf(body: unknown): AdmissionRequest | null {
  const { apiVersion, kind, request } = (body ?? {}) as Record<string, unknown>;
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') return null;
  const { uid, object, operation } = (request ?? {}) as Record<string, unknown>;
  if (typeof uid !== 'string' || uid === '' || uid.length > 200) return null;
  return { uid, object: object ?? null, operation: typeof operation === 'string' ? operation : '' };
}

export interface Reviewed {
  review: object;
  allowed: boolean;
  models: string[];
}

/** Kubernetes shows it whole up to here, and each warning up to 256 bytes or so. */
const longestMessage = 4_000;
const longestWarning = 250;
const mostWarnings = 20;
/** Models of one object: it takes a question to the store for each, and who writes the object need not have few. */
const mostModels = 64;

/**
 * Judges every model that an object would load. An object without a model passes.
 * @param decide decides about one of them.
 */
export async function reviewed(
  { uid, object, operation }: AdmissionRequest,
  decide: (model: string) => Promise<AdmissionDecision>,
): Promise<Reviewed> {
  const named = operation === 'DELETE' ? { models: [], unresolvable: [] } : modelSourcesOf(object);
  const models = named.models.slice(0, mostModels);
  const denials = named.models.length > mostModels ? [`it names more than ${mostModels} models`] : [];
  const unfollowed = named.unresolvable
    .slice(0, mostModels)
    .map((place) => `${place} names a model in a way that cannot be followed`);
  denials.push(...unfollowed);
  const warnings: string[] = [];
  for (const model of models) {
    const { allow, reasons, warnings: own } = await decide(model);
    if (!allow) denials.push(`${model}: ${reasons.map(({ message }) => message).join('; ')}`);
    warnings.push(...own.map((warning) => `${model}: ${warning}`));
  }
  const allowed = denials.length === 0;
  const response = {
    uid,
    allowed,
    ...(allowed
      ? {}
      : { status: { code: 403, reason: 'Forbidden', message: denials.join(' | ').slice(0, longestMessage) } }),
    ...(warnings.length > 0
      ? { warnings: warnings.slice(0, mostWarnings).map((each) => each.slice(0, longestWarning)) }
      : {}),
  };
  return { review: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }, allowed, models };
}
