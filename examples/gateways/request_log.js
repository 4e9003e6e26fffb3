// Digests for the inference log of nginx (njs). Texts themselves are never logged.
import crypto from 'crypto';

function inputHash(r) {
  return crypto
    .createHash('sha256')
    .update(r.requestText || '')
    .digest('hex');
}

let answer = '';

/** Called for each chunk of the answer: the digest is known with the last one. Every request has variables of its own. */
function outputHash(r, data, flags) {
  answer += data;
  if (flags.last) r.variables.output_hash = crypto.createHash('sha256').update(answer).digest('hex');
  r.sendBuffer(data, flags);
}

/** Milliseconds: nginx counts seconds. */
function latency(r) {
  return String(Math.round(Number(r.variables.request_time) * 1000));
}

export default { inputHash, outputHash, latency };
