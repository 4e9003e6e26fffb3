import { EditedText } from '../formats/text/editedText.ts';
import { judgeTextContent, type JudgedText } from './textFile.ts';
import type { Jobs } from './workerProtocol.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

/** Of how many texts, and of how many workspaces, a worker keeps what it knows. */
const mostTexts = 6;
const mostTables = 3;

/** In the order of their last use. */
const texts = new Map<string, EditedText>();
const tables = new Map<string, { stamp: string; table: WorkspaceTable }>();

/** Judges a text of an editor; null where what is known of its workspace has to be sent first. */
export async function judgeBuffer(task: Jobs['judgeBuffer']['task']): Promise<JudgedText | null> {
  const { base, path, text, cells, settings, stamp, artifacts } = task;
  const kept = tables.get(base);
  let table = kept?.stamp === stamp ? kept.table : undefined;
  if (!table) {
    if (artifacts === null) return null;
    table = WorkspaceTable.unpack(base, artifacts);
    table.remembersAsked = false;
    use(tables, base, { stamp, table }, mostTables);
  }
  const key = `${base}\0${path}\0${cells ? 'cells' : ''}`;
  const edited = texts.get(key) ?? new EditedText();
  for (const forgotten of use(texts, key, edited, mostTexts)) forgotten.dispose();
  try {
    return await judgeTextContent(path, text, table, settings, { cells, edited });
  } catch (error) {
    // Whatever it kept may be half of something.
    edited.dispose();
    texts.delete(key);
    throw error;
  }
}

/** Puts an entry last, and takes out those that were not used for longest. @returns what was taken out. */
function use<T>(kept: Map<string, T>, key: string, value: T, most: number): T[] {
  kept.delete(key);
  kept.set(key, value);
  const forgotten: T[] = [];
  for (const [oldest, each] of kept) {
    if (kept.size <= most) break;
    kept.delete(oldest);
    forgotten.push(each);
  }
  return forgotten;
}
