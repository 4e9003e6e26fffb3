/** A place in a text: 1-based lines, 1-based columns in UTF-16 code units, end exclusive. */
export interface TextRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A scalar of a YAML or JSON document with its place. */
export interface ConfigScalar {
  /** Keys from the root: `['datasets', 0, 'path']`. */
  path: (string | number)[];
  value: string | number | boolean | null;
  /** Of the value, quotes included. */
  range: TextRange;
  /** The text between the quotes (or the plain scalar): what a fix that changes only the value replaces. */
  innerRange: TextRange;
}

/** A call in Python with its place. A dictionary display with string keys counts as the call of `dict` that it equals. */
export interface PythonCall {
  /**
   * The called name as imports and assignments (`f = torch.load`) resolve it: `torch.load`, `transformers.AutoModel.from_pretrained`. It starts with a dot
   * where the object is computed: `.to` in `model().to(device)`.
   */
  callee: string;
  range: TextRange;
  /** Positional arguments, then keyword arguments by name. `value` is undefined when it is not a literal. */
  positional: PythonArgument[];
  keywords: Record<string, PythonArgument>;
  /**
   * Where a further keyword argument can be inserted: behind the last argument (before a trailing comma), or inside the
   * empty parentheses.
   */
  insertAt: { line: number; column: number };
  /** True when arguments come from elsewhere, too: `*args`, `**kwargs`. */
  spread?: boolean;
}

/** A string literal in Python with its place. */
export interface PythonString {
  value: string;
  /** Quotes and prefix included. */
  range: TextRange;
  innerRange: TextRange;
}

export interface PythonArgument {
  /** The literal, or that of a name which stands for one throughout the file; undefined when it is computed. */
  value: string | number | boolean | null | undefined;
  range: TextRange;
  /** Of a string literal: the text between the quotes. */
  innerRange?: TextRange;
}
