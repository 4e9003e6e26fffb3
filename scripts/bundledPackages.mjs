// What packages of npm the bundles hold: their bills of materials are made from it.

/**
 * @param {{ extension: import('esbuild').Metafile[], fleet: import('esbuild').Metafile[] }} bundles
 * @param {string[]} copied files of packages that go along as they are, from the root.
 * @returns {string} lines of `extension` or `fleet`, which is no part of it, and the folder of a package as package-lock.json names it.
 */
export function packageList(bundles, copied) {
  const lines = Object.entries(bundles).flatMap(([where, metafiles]) => {
    const files = metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.entries(inputs));
    const used = files.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
    return [...used, ...(where === 'extension' ? copied : [])].flatMap((file) => {
      const folder = packageOf(file);
      return folder === undefined ? [] : [`${where} ${folder}`];
    });
  });
  return [...new Set(lines)]
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}

/** @param {string} file */
const packageOf = (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll('\\', '/'))?.[0];
