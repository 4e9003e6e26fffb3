/** What a template does that only attacks need, each at the expression that does it. */
export interface TemplateReach {
  /**
   * `reach`: takes an attribute that leads to Python's internals. `private`: takes an attribute that begins with an
   * underscore. `built-name`: takes an attribute or item whose name is pieced together while the template runs.
   * `call`: calls a method named like one that runs code. `include`: reads other templates. `unparsed`: an expression
   * that could not be parsed.
   */
  code: 'reach' | 'private' | 'built-name' | 'call' | 'include' | 'unparsed';
  /** In UTF-16 code units from the start of the template. */
  offset: number;
  /** The name that is taken, or what else it is about. */
  name: string;
  /** The expression as it is written, cut short. */
  text: string;
}

export interface TemplateFacts {
  kind: 'template';
  entry: string;
  /** What the file calls it: `tokenizer.chat_template`, or the file's own name. */
  name: string;
  /** Where its text begins in the entry, in bytes; null when it is decoded from something else (JSON escapes). */
  offset: number | null;
  /** UTF-16 code units. */
  length: number;
  /** At most `reachesKept`, in the order of the text; `offset` of each in bytes of the entry where that is known. */
  reaches: (TemplateReach & { byteOffset: number | null })[];
}
