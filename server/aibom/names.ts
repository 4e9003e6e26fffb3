/** CycloneDX' own recommended names, and the ones that generators for models write. */
const aibom = /(?:\.cdx\.(?:json|xml)|^(?:.*[._-])?(?:ai|ml|s)?bom\.(?:json|xml)|[._-](?:ai|ml|s)bom\.(?:json|xml))$/i;

/** Whether a file of this name is a bill of materials. */
export const isAibomName = (name: string): boolean => aibom.test(name);

/** The name under which the editor and the documentation put it beside a model. */
export const usualName = 'aibom.cdx.json';

/** What a person fills in that no other file says; beside the model, too. */
export const sideFileName = 'aibom.enrich.yaml';

const signature = /(?:\.sig|\.sigstore(?:\.json)?|\.intoto\.jsonl)$/i;

/** A signature covers the bill of materials, and so cannot be listed in it. */
export const isSignatureName = (name: string): boolean => signature.test(name);
