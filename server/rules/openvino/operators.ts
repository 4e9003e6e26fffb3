import type { OperatorFact } from '../../formats/graph/facts.ts';

/** Operator sets that come with OpenVINO and its plugins; IR of version 10 and older names none. */
const known =
  /^(?:|opset\d+|experimental|ie_internal_opset|util|type_relaxed_opset|private_opset|gpu_opset|cpu_plugin_opset|LPTNGraph|SnippetsOpset)$/;

/** Operators of openvino_tokenizers, which every converted tokenizer has. Source: openvinotoolkit/openvino_tokenizers, ov_extension.cpp. */
const tokenizers = new Set([
  'StringTensorPack',
  'StringTensorUnpack',
  'RaggedTensorPack',
  'SentencepieceTokenizer',
  'SentencepieceDetokenizer',
  'SentencepieceStreamDetokenizer',
  'CaseFold',
  'NormalizeUnicode',
  'RegexNormalization',
  'RegexSplit',
  'SpecialTokensSplit',
  'CombineSegments',
  'RaggedToDense',
  'RaggedToRagged',
  'RaggedToSparse',
  'VocabEncoder',
  'VocabDecoder',
  'BytesToChars',
  'CharsToBytes',
  'ByteFallback',
  'FuzeRagged',
  'WordpieceTokenizer',
  'BPETokenizer',
  'TrieTokenizer',
  'UnigramTokenizer',
  'CharsMapNormalization',
  'UTF8Validate',
  'EqualStr',
  'StringToHashBucket',
  'Truncate',
]);

export function isKnownLayer({ domain, name }: OperatorFact): boolean {
  return known.test(domain) || (domain === 'extension' && tokenizers.has(name));
}
