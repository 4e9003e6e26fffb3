/** The DSSE payload type of everything that is signed here. */
export const inTotoPayloadType = 'application/vnd.in-toto+json';

/**
 * What a DSSE signature is over: the pre-authentication encoding.
 * Source: https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
 */
export function preAuthenticationEncoding(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/**
 * What model-signing 0.2 signed instead: a capital V, and the payload as Python's `repr` prints bytes.
 * Source: `pae_compat` in model_signing/_signing/sign_sigstore_pb.py of the reference.
 */
export function legacyEncoding(payloadType: string, payload: Buffer): Buffer {
  return Buffer.from(`DSSEV1 ${payloadType.length} ${payloadType} ${payload.length} ${pythonRepr(payload)}`);
}

function pythonRepr(bytes: Buffer): string {
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'";
  // latin1 gives one character a byte.
  const escaped = bytes.toString('latin1').replace(/[^ -~]|[\\'"]/g, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`;
    if (character === "'" || character === '"') return character;
    return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${escaped}${quote}`;
}

const named: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
