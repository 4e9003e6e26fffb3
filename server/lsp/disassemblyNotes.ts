import type { PickleFacts } from '../formats/facts.ts';
import type { DisassembledRow } from './protocol.ts';

const memoisers = new Set(['MEMOIZE', 'PUT', 'BINPUT', 'LONG_BINPUT']);
const noteLength = 300;

/**
 * Rows with what they come to: an opcode that takes a name from the stack says the name, one that calls says the call.
 * The facts name each import once; where the same is imported again, the two texts before it are its name.
 */
export function withNotes(rows: DisassembledRow[], pickle: PickleFacts): DisassembledRow[] {
  const notes = new Map<number, string>();
  for (const { offset, callOffset, call } of pickle.imports) {
    if (callOffset !== undefined && callOffset !== offset && call !== undefined) notes.set(callOffset, `calls ${call}`);
  }
  for (const each of pickle.imports) notes.set(each.offset, importNote(each));
  return rows.map((row, index) => {
    const note = notes.get(row.offset) ?? (row.opcode === 'STACK_GLOBAL' ? nameBefore(rows, index) : undefined);
    return note === undefined ? row : { ...row, note: cut(note) };
  });
}

function importNote({
  module,
  name,
  written,
  state,
  call,
  callOffset,
  offset,
}: PickleFacts['imports'][number]): string {
  const full = `${module ?? '(made at load time)'}.${name ?? '(made at load time)'}`;
  const spelt = written ? `, written as ${written.module}.${written.name}` : '';
  const called = call !== undefined && callOffset === offset ? `, and calls ${call}` : '';
  const whence = state === 'extension' ? ', by an extension code' : '';
  return `imports ${full}${spelt}${whence}${called}`;
}

/** `imports os.system` where both texts are pushed right before. */
function nameBefore(rows: DisassembledRow[], index: number): string | undefined {
  const texts: string[] = [];
  for (let at = index - 1; at >= 0 && texts.length < 2; at--) {
    const { opcode, argument } = rows[at] as DisassembledRow;
    if (memoisers.has(opcode)) continue;
    const text = opcode.endsWith('UNICODE') ? /^'(.*)'$/.exec(argument)?.[1] : undefined;
    if (text === undefined) return undefined;
    texts.unshift(text);
  }
  return texts.length === 2 ? `imports ${texts.join('.')}` : undefined;
}

function cut(text: string): string {
  return text.length > noteLength ? `${text.slice(0, noteLength)}...` : text;
}
