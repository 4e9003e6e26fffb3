declare const WEIGHBRIDGE_VERSION: string;
declare const WEIGHBRIDGE_BUILD: string;

/** The version of package.json; `0.0.0-development` where the sources run unbundled. */
export const version = typeof WEIGHBRIDGE_VERSION === 'string' ? WEIGHBRIDGE_VERSION : '0.0.0-development';

/** A digest over the sources that can change a result, or null where the sources run unbundled: nothing is cached then. */
export const build = typeof WEIGHBRIDGE_BUILD === 'string' ? WEIGHBRIDGE_BUILD : null;
