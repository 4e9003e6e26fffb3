/** A place in a text: 1-based lines, 1-based columns in UTF-16 code units, end exclusive. */
export interface TextRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** What a scalar of a configuration may be. */
export type ConfigValue = string | number | boolean | null;

/** A scalar of a configuration with its place. */
export interface ConfigScalar {
  /** Keys from the root: `['datasets', 0, 'path']`. */
  path: (string | number)[];
  value: ConfigValue;
  /** Of the value, quotes included. */
  range: TextRange;
  /** The text between the quotes (or the plain scalar): what a fix that changes only the value replaces. */
  innerRange: TextRange;
  /** A tag beyond YAML's own (`!Ref`), of the value or of the list that it stands in (`!GetAtt [a, b]`): what it comes to is computed. */
  tag?: string;
}

/** A part of a configuration as its grammar nests it. */
export type ConfigNode = ConfigMapping | ConfigSequence | ConfigLeaf | ConfigAlias;

export interface ConfigMapping {
  kind: 'mapping';
  /** In the order of the file; a key that is written twice stands here twice. */
  entries: ConfigEntry[];
  range: TextRange;
  /** Written in braces: entries of it share lines. */
  flow: boolean;
  /** A tag beyond YAML's own (`!Sub`): what it comes to is computed. */
  tag?: string;
}

export interface ConfigEntry {
  key: string;
  keyRange: TextRange;
  value: ConfigNode;
}

export interface ConfigSequence {
  kind: 'sequence';
  items: ConfigNode[];
  range: TextRange;
  flow: boolean;
  tag?: string;
}

export interface ConfigLeaf {
  kind: 'scalar';
  value: ConfigValue;
  range: TextRange;
  innerRange: TextRange;
  /** `block` is YAML's `|` and `>`; `plain` has no quotes. */
  style: 'plain' | 'quoted' | 'block';
  /** As it is written, without its quotes. */
  source: string;
  tag?: string;
}

/** An alias of a mapping or a sequence (`*defaults`). It is never expanded: look-ups follow it, walks do not. */
export interface ConfigAlias {
  kind: 'alias';
  target: ConfigNode | undefined;
  range: TextRange;
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
  /** The dotted name that stands here: `args.trust_remote_code`. */
  name?: string;
  /** True for a string that is put together from values: `f"{x}"`, `"a" + x`, `"%s" % x`, `"{}".format(x)`. */
  interpolated?: boolean;
}

/** The default that a file gives an option: `parser.add_argument("--x", default=1)`, a field of a class `x: int = 1`, a parameter `x=1`. */
export interface PythonDefault {
  /** `trust_remote_code`, without dashes. */
  name: string;
  value: PythonArgument;
}

/** A line that a notebook hands to a shell: `!pip install x`, `%pip install x`. */
export interface ShellLine {
  /** Without its `!` or `%`. */
  text: string;
  range: TextRange;
}

/** An instruction of a Dockerfile. */
export interface DockerInstruction {
  /** In upper case: `FROM`. */
  keyword: string;
  range: TextRange;
  keywordRange: TextRange;
  /** Everything behind the keyword, continuation lines included, comments between them left out. */
  argument: string;
  /** Words of the argument, `ARG`s not expanded. */
  words: { value: string; range: TextRange }[];
}

/** A directive of an nginx configuration. */
export interface NginxDirective {
  name: string;
  nameRange: TextRange;
  args: { value: string; range: TextRange }[];
  /** From the name through the `;` or the closing brace. */
  range: TextRange;
  /** What stands in its braces; null for a simple directive. Lua blocks are empty. */
  block: NginxDirective[] | null;
}

/** A Python distribution that a file asks for. */
export interface PythonRequirement {
  /** As it is written. */
  name: string;
  /** Of the name alone, and of the whole requirement (markers and hashes left out). */
  nameRange: TextRange;
  range: TextRange;
  /** Version specifier as written (`>=2.0,<3`); empty for none. Of a lock file `==1.2.3`. */
  specifier: string;
  specifierRange: TextRange | null;
  /** Where it comes from, when that is no index: `git+https://...`, an archive, a path. */
  url: string | null;
  hashed: boolean;
  /** `locked`: a lock file says so, and no person. */
  source: 'requirement' | 'locked' | 'conda';
}

/** An option of a requirements file: `--extra-index-url https://...`. */
export interface RequirementsOption {
  name: string;
  value: string;
  range: TextRange;
}
