import { createRequire } from 'node:module';
import { WeighbridgeError } from '../../errors.ts';

/** What is used of `pkcs11js`, which wraps the C interface of PKCS #11 2.40. */
export interface Pkcs11Library {
  load(path: string): void;
  C_Initialize(): void;
  C_Finalize(): void;
  close(): void;
  C_GetSlotList(tokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { label: string; serialNumber: string };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, userType: number, pin: string): void;
  C_FindObjectsInit(session: Buffer, template: { type: number; value: number | string | Buffer }[]): void;
  C_FindObjects(session: Buffer, most: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_GetAttributeValue(session: Buffer, object: Buffer, template: { type: number }[]): { type: number; value: Buffer }[];
  C_SignInit(session: Buffer, mechanism: { mechanism: number }, key: Buffer): void;
  C_Sign(session: Buffer, data: Buffer, into: Buffer): Buffer;
}

/**
 * Loads the optional package `pkcs11js`: beside this program, or in the folder that `NODE_PATH` names. It is compiled
 * where it is installed, and so is no dependency of ours.
 * @throws {WeighbridgeError} `refused` where it is missing.
 */
export function loadPkcs11(): Pkcs11Library {
  try {
    // Not by `import`, which does not look into NODE_PATH.
    const { PKCS11 } = createRequire(import.meta.url)('pkcs11js') as { PKCS11: new () => Pkcs11Library };
    return new PKCS11();
  } catch (cause) {
    throw new WeighbridgeError(
      'refused',
      'Keys in hardware need the package pkcs11js, which is not installed or not built: run "npm install pkcs11js" beside Weighbridge, and let it run its install script.',
      { cause },
    );
  }
}
