/**
 * Custom operators that come with well-known runtimes. Sources: tensorflow/lite/kernels/custom_ops_register.h and
 * perception_ops.h; mediapipe/util/tflite/operations; libedgetpu; tensorflow_text/core/kernels; tensorflow/lite/experimental.
 */
const known = new Set([
  'TFLite_Detection_PostProcess',
  'edgetpu-custom-op',
  'AudioSpectrogram',
  'Mfcc',
  'NumericVerify',
  'Convolution2DTransposeBias',
  'MaxPoolingWithArgmax2D',
  'MaxUnpooling2D',
  'Resampler',
  'TransformTensor',
  'TransformLandmarks',
  'Landmarks2TransformMatrix',
  'TransformTensorBilinear',
  'AffineGrid',
  'Cumsum',
  'FusedConv2D',
  'DenseImageWarp',
  'KmeansEmbeddingLookup',
  'UniversalSentenceEncoderPath',
  'MatrixSolve',
  'Multinomial',
  'RandomStandardNormal',
  'RandomUniform',
  'Roll',
  'Atan2',
  'Sign',
  'HashtableFind',
  'HashtableImport',
  'HashtableSize',
  'Hashtable',
  'IRFFT2D',
  'Rfft2d',
  'Erf',
  'Predict',
  'Normalize',
  'ExtractFeatures',
  'TFSentencepieceTokenizeOp',
  'TFSentencepieceDetokenizeOp',
  'SentencepieceTokenizeOp',
  'NGramHash',
  'Complex64Abs',
  'odml.rms_norm',
  'odml.scaled_dot_product_attention',
  'odml.update_kv_cache',
]);

/** TensorFlow Text, sentence encoders and StableHLO name theirs by a prefix. */
const prefixes = /^(?:TFText>|tftext:|SGNN>|seq_flow_lite:|stablehlo\.|odml\.|aten\.|qnn\.|ethos-u|DISPATCH_OP$)/;

export function isKnownCustom(name: string): boolean {
  return known.has(name) || prefixes.test(name);
}
