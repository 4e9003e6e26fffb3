/** What an R object file (`.rds`, `.rda`) holds that can be evaluated. */
export interface RdsFacts {
  kind: 'rds';
  entry: string;
  /** Version of the serialization format. */
  version: number;
  /** How many objects of each kind there are; names as R's `typeof` gives them. */
  objects: Record<string, number>;
  /** The first of each kind of code. `pending` promises have an expression and no value: reading them evaluates it. */
  code: { what: 'pending promise' | 'promise' | 'closure' | 'bytecode' | 'language'; offset: number; count: number }[];
  /** Functions that expressions call by name, at most 200. */
  calls: string[];
}
