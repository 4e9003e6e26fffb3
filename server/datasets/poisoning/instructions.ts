/** Text in data that is written for the model that reads it, and not for people. */
export interface HiddenInstruction {
  kind: 'override' | 'role-marker' | 'exfiltration' | 'encoded';
  /** 0-based, in UTF-16 units of the field's text. */
  at: number;
  /** UTF-16 units. */
  length: number;
}

const override =
  /\b(?:ignore|disregard|forget|override|bypass)\s+(?:all\s+|any\s+|the\s+|your\s+|my\s+|these\s+|those\s+|every\s+){0,3}(?:previous|prior|above|earlier|preceding|foregoing|system|existing|safety)\s+(?:\w+\s+)?(?:instructions?|prompts?|messages?|rules?|directions?|guidelines?|commands?)\b|\b(?:you\s+are\s+now|act\s+as|pretend\s+to\s+be)\s+(?:in\s+)?(?:developer\s+mode|dan\b|an?\s+unrestricted|jailbroken)|\b(?:reveal|print|repeat|output)\s+(?:me\s+)?(?:your|the)\s+(?:system\s+prompt|hidden\s+instructions|initial\s+prompt)\b|\bdo\s+not\s+(?:tell|inform|mention\s+(?:this|it)\s+to)\s+the\s+user\b/i;
const roleMarker =
  /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|^###\s*(?:system|instruction)\s*:/im;
/** A picture or link whose address is to be filled with what the model knows. */
const exfiltration = /!?\[[^\]\n]{0,200}\]\(\s*https?:\/\/[^)\s]{0,300}(?:\{\{?|%7b|<[a-z_ ]+>|\$\{)[^)\n]{0,200}\)/i;
const encoded = /(?:[A-Za-z0-9+/]{4}){50,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/;
/** What is longer is looked at up to here. */
const longest = 200_000;

/** One of each kind at most. @param markersExpected true for rows that are whole prompts, which hold role markers. */
export function hiddenInstructions(whole: string, markersExpected: boolean): HiddenInstruction[] {
  const text = whole.length > longest ? whole.slice(0, longest) : whole;
  const found: HiddenInstruction[] = [];
  const look = (kind: HiddenInstruction['kind'], pattern: RegExp) => {
    const match = pattern.exec(text);
    if (match) found.push({ kind, at: match.index, length: match[0].length });
  };
  look('override', override);
  if (!markersExpected) look('role-marker', roleMarker);
  look('exfiltration', exfiltration);
  const payload = encoded.exec(text);
  if (payload && hidesText(payload[0])) found.push({ kind: 'encoded', at: payload.index, length: payload[0].length });
  return found;
}

/** Base64 that holds an instruction or a script: pictures and keys do not. */
function hidesText(payload: string): boolean {
  const bytes = Buffer.from(payload, 'base64');
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd')) return false;
  return (
    override.test(text) ||
    roleMarker.test(text) ||
    /\b(?:curl|wget|powershell|import os|eval\(|exec\(|<script)\b/i.test(text)
  );
}
