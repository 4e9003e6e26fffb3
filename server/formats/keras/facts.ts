/** A class or function that a configuration names, and that Keras looks up when it builds the model. */
export interface KerasReference {
  /** Keys from the root: `config.layers[3].config.activation`. */
  path: string;
  what: 'class' | 'function';
  /** Null in the formats of Keras 2, which look only among registered objects. */
  module: string | null;
  name: string;
  /** What a registered custom object is called, `Package>Name`; null when it is none. */
  registered: string | null;
  offset: number | null;
  /** How many name the same. */
  count: number;
}

export interface KerasFacts {
  kind: 'keras';
  entry: string;
  /** What holds the configuration: the file's own name, or `attribute model_config`. */
  document: string;
  /** Distinct references in file order, at most `referencesKept`. */
  references: KerasReference[];
  referenceCount: number;
  /**
   * Python code in the configuration: `bytecode` is marshalled, `layer` is a Lambda layer that names a function, `text`
   * is source code where the name of a function belongs.
   */
  lambdas: { path: string; what: 'bytecode' | 'layer' | 'text'; offset: number | null }[];
  /** Strings that are addresses or absolute paths, where Keras takes a file. */
  files: { path: string; value: string; offset: number | null }[];
}
