import { X509Certificate } from 'node:crypto';
import { WeighbridgeError } from '../errors.ts';

const block = /-----BEGIN (?:X509 )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:X509 )?CERTIFICATE-----/g;

/**
 * All certificates of a PEM text, in its order.
 * @param what the text is, for the message.
 * @throws {WeighbridgeError} `bad-input` when there is none, or one that cannot be read.
 */
export function certificatesOf(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0) throw new WeighbridgeError('bad-input', `There is no certificate in PEM in ${what}.`);
  return blocks.map((text) => {
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw new WeighbridgeError('bad-input', `A certificate in ${what} cannot be read.`, { cause });
    }
  });
}
