import type { TreeCursor } from 'web-tree-sitter';

/** What the library's `TreeCursor` calls of its WebAssembly module: each function takes a tree, and the cursor that lies in the module's transfer buffer. */
export interface CursorEngine {
  HEAP32: Int32Array;
  /** The address of the transfer buffer. */
  _ts_init(): number;
  _ts_tree_cursor_goto_first_child_wasm(tree: number): number;
  _ts_tree_cursor_goto_next_sibling_wasm(tree: number): number;
  _ts_tree_cursor_goto_parent_wasm(tree: number): number;
  _ts_tree_cursor_current_node_type_id_wasm(tree: number): number;
  _ts_tree_cursor_start_index_wasm(tree: number): number;
  _ts_tree_cursor_end_index_wasm(tree: number): number;
  _ts_tree_cursor_current_field_id_wasm(tree: number): number;
}

/** Integers of a cursor, in the library's object and in the transfer buffer. */
const words = 4;

/**
 * A cursor of the library with less between it and its module. `TreeCursor` copies itself into the transfer buffer before each step, and back
 * after it, which takes longer than the step; here it stays in the buffer from `begin` to `end`, between which nothing else may use the library.
 */
export class DirectCursor {
  readonly #engine: CursorEngine;
  readonly #buffer: number;
  #tree = 0;
  #cursor: Record<number, number> = [];

  constructor(engine: CursorEngine) {
    this.#engine = engine;
    this.#buffer = engine._ts_init() / Int32Array.BYTES_PER_ELEMENT;
  }

  begin(cursor: TreeCursor): void {
    this.#cursor = cursor as unknown as Record<number, number>;
    this.#tree = (cursor as unknown as { tree: Record<number, number> }).tree[0] ?? 0;
    for (let word = 0; word < words; word++) this.#engine.HEAP32[this.#buffer + word] = this.#cursor[word] ?? 0;
  }

  /** The library's cursor is then where this one is. */
  end(): void {
    for (let word = 0; word < words; word++) this.#cursor[word] = this.#engine.HEAP32[this.#buffer + word] ?? 0;
  }

  gotoFirstChild(): boolean {
    return this.#engine._ts_tree_cursor_goto_first_child_wasm(this.#tree) === 1;
  }

  gotoNextSibling(): boolean {
    return this.#engine._ts_tree_cursor_goto_next_sibling_wasm(this.#tree) === 1;
  }

  gotoParent(): boolean {
    return this.#engine._ts_tree_cursor_goto_parent_wasm(this.#tree) === 1;
  }

  get typeId(): number {
    return this.#engine._ts_tree_cursor_current_node_type_id_wasm(this.#tree);
  }

  get startIndex(): number {
    return this.#engine._ts_tree_cursor_start_index_wasm(this.#tree);
  }

  get endIndex(): number {
    return this.#engine._ts_tree_cursor_end_index_wasm(this.#tree);
  }

  get fieldId(): number {
    return this.#engine._ts_tree_cursor_current_field_id_wasm(this.#tree);
  }
}
