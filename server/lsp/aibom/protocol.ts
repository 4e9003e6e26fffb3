/** What the server and its clients say to one another about bills of materials, beside the Language Server Protocol. */
import type { AibomReport } from '../../aibom/editing/report.ts';
import type { SignatureStanding } from '../signing/protocol.ts';

/** Request: a bill of materials, ready to show, as it stands in the editor. `AibomParams` to `AibomView`. */
export const aibom = 'weighbridge/aibom';

export interface AibomParams {
  uri: string;
}

export interface AibomView extends AibomReport {
  /** The signature over the model's folder, and whether it covers this document as it is; null where there is none. */
  coveredBy: SignatureStanding | null;
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

export type { AibomReport };

/** Request: the address of the bill of materials beside a model, or null. `AibomParams` to `string | null`. */
export const findAibom = 'weighbridge/findAibom';

/** Notification, server to client: what is said of bills of materials changed, with their files or with their models. */
export const aibomChanged = 'weighbridge/aibomChanged';

export interface AibomChanged {
  uris: string[];
}

export interface AibomArguments {
  /** Of a bill of materials, of a model's folder, or of a file in it. */
  uri: string;
}

/** What writing a bill of materials came to. */
export interface AibomOutcome {
  state: 'generated' | 'updated' | 'filled' | 'unchanged';
  /** Of the bill of materials. */
  uri: string;
  /** One or two sentences. */
  text: string;
  /** What could not be read, or contradicts itself. */
  notes: string[];
}

export interface SideFileOutcome {
  uri: string;
  isNew: boolean;
}
