import { member, stringOf, type JsonNode } from '../json/tree.ts';
import { parseRequirements } from '../text/requirements.ts';
import type { NamedCode } from './facts.ts';

/** What a manifest of TorchServe has the server import, load and install. Source: serve, Manifest.java and model_loader.py. */
const keys = ['handler', 'modelFile', 'serializedFile', 'requirementsFile', 'configFile'];

/** The files and modules that the `MANIFEST.json` of a TorchServe archive names; none when it is another manifest. */
export function namesInServingManifest(root: JsonNode): NamedCode[] {
  const model = member(root, 'model');
  if (member(model, 'modelName') === undefined) return [];
  return keys.flatMap((key) => {
    const value = member(model, key);
    const name = stringOf(value);
    return name === undefined || name === '' ? [] : [{ name, path: key, offset: value?.offset ?? null }];
  });
}

/** Options of pip by which packages come from elsewhere. */
const elsewhere = /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)$/;

/** What a requirements file takes from elsewhere than the index that the server asks: addresses, repositories and other indexes. */
export function sourcesInRequirements(text: string): NamedCode[] {
  const { requirements, options } = parseRequirements(text);
  return [
    ...requirements.flatMap(({ url, range }) =>
      url === null ? [] : [{ name: url, path: `line ${range.line}`, offset: null }],
    ),
    ...options.flatMap(({ name, value, range }) =>
      elsewhere.test(name) ? [{ name: `${name} ${value}`.trim(), path: `line ${range.line}`, offset: null }] : [],
    ),
  ];
}
