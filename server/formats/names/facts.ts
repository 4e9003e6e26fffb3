/** Names of Python classes and functions that a document asks its loader to import and call. */
export interface NamesFacts {
  kind: 'names';
  entry: string;
  /**
   * `hydra`: values of `_target_` (Hydra, NeMo). `yaml-tag`: `!!python/...`. `skops`: types of a skops file.
   * `auto-map`: classes in code of a model repository (transformers). `python`: what code in an archive uses of others.
   * `serving-manifest`: files and modules in the manifest of a TorchServe archive. `requirements`: packages of an archive that come from
   * elsewhere than the usual index. `pickle-module`: what MLflow unpickles a PyTorch model with. `graph-node`: components of a Rasa model.
   */
  source:
    | 'hydra'
    | 'yaml-tag'
    | 'skops'
    | 'auto-map'
    | 'python'
    | 'serving-manifest'
    | 'requirements'
    | 'pickle-module'
    | 'graph-node';
  names: NamedCode[];
}

export interface NamedCode {
  /** Dotted: `subprocess.Popen`. */
  name: string;
  /** Where in the document, as far as it is known: a key, or keys from the root. */
  path: string;
  /** In bytes of the entry; null where it cannot be told. */
  offset: number | null;
}
