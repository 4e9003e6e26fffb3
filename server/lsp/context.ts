import type { Aiboms } from './aibom/aiboms.ts';
import type { DatasetScans } from './datasets/datasetScans.ts';
import type { Folders } from './folders.ts';
import type { Notebooks } from './notebooks.ts';
import type { OpenDocuments } from './openDocuments.ts';
import type { Registers } from './registers.ts';
import type { Publisher } from './publisher.ts';
import type { Session } from './session.ts';
import type { StatusReporter } from './status.ts';
import type { Models } from './models.ts';
import type { DangerousUses } from './dangerousUses.ts';
import type { Policies } from './policy/policies.ts';

/** What features share. It is made once the client has said what it can do. */
export interface ServerContext {
  session: Session;
  folders: Folders;
  documents: OpenDocuments;
  notebooks: Notebooks;
  publisher: Publisher;
  status: StatusReporter;
  models: Models;
  registers: Registers;
  uses: DangerousUses;
  aiboms: Aiboms;
  datasets: DatasetScans;
  policies: Policies;
}
