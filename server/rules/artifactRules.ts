import { badCrc } from './archive/badCrc.ts';
import { bomb } from './archive/bomb.ts';
import { bundledCode } from './archive/bundledCode.ts';
import { duplicateEntry } from './archive/duplicateEntry.ts';
import { encryptedFlag } from './archive/encryptedFlag.ts';
import { escapingEntry } from './archive/escapingEntry.ts';
import { foreignRequirements } from './archive/foreignRequirements.ts';
import { manifestPath } from './archive/manifestPath.ts';
import { pickleModule } from './model/pickleModule.ts';
import { handlerCalls } from './archive/handlerCalls.ts';
import { inconsistentHeaders } from './archive/inconsistentHeaders.ts';
import { strayData } from './archive/strayData.ts';
import { coremlCustomLayer } from './coreml/customLayer.ts';
import { coremlEscapingFile } from './coreml/escapingFile.ts';
import { digestMismatch } from './file/digestMismatch.ts';
import { disguisedExtension } from './file/disguisedExtension.ts';
import { incomplete } from './file/incomplete.ts';
import { notInspected } from './file/notInspected.ts';
import { invalidGgufHeader } from './gguf/invalidHeader.ts';
import { hdf5ExternalLink } from './hdf5/externalLink.ts';
import { hdf5ExternalStorage } from './hdf5/externalStorage.ts';
import { hdf5OversizedDataset } from './hdf5/oversizedDataset.ts';
import { hdf5VirtualDataset } from './hdf5/virtualDataset.ts';
import { kerasCustomObject } from './keras/customObject.ts';
import { kerasDangerousReference } from './keras/dangerousReference.ts';
import { kerasExternalFile } from './keras/externalFile.ts';
import { kerasLambda } from './keras/lambda.ts';
import { importByConfig } from './load/importByConfig.ts';
import { bundledExecutable } from './model/bundledExecutable.ts';
import { customCode } from './model/customCode.ts';
import { duplicateWeights } from './model/duplicateWeights.ts';
import { escapingShard } from './model/escapingShard.ts';
import { noAibom } from './model/noAibom.ts';
import { ociLayout } from './model/ociLayout.ts';
import { outsideLink } from './model/outsideLink.ts';
import { pickleTwin } from './model/pickleTwin.ts';
import { recordedBackdoor } from './model/recordedBackdoor.ts';
import { shardMismatch } from './model/shardMismatch.ts';
import { unsigned } from './model/unsigned.ts';
import { invalidMsgpack } from './msgpack/invalidStructure.ts';
import { invalidNumpyHeader } from './numpy/invalidHeader.ts';
import { objectArray } from './numpy/objectArray.ts';
import { customOperator } from './onnx/customOperator.ts';
import { externalDataEscape } from './onnx/externalDataEscape.ts';
import { externalDataMissing } from './onnx/externalDataMissing.ts';
import { externalDataRange } from './onnx/externalDataRange.ts';
import { pythonOperator } from './onnx/pythonOperator.ts';
import { openvinoCustomOperator } from './openvino/customOperator.ts';
import { paddleDangerousOperator } from './paddle/dangerousOperator.ts';
import { brokenStream } from './pickle/brokenStream.ts';
import { dangerousImport } from './pickle/dangerousImport.ts';
import { hiddenPickle } from './pickle/hiddenPickle.ts';
import { persistentId } from './pickle/persistentId.ts';
import { preferSafetensors } from './pickle/preferSafetensors.ts';
import { resourceBomb } from './pickle/resourceBomb.ts';
import { suspiciousImport } from './pickle/suspiciousImport.ts';
import { unknownImport } from './pickle/unknownImport.ts';
import { unresolvedImport } from './pickle/unresolvedImport.ts';
import { pmmlForeignCode } from './pmml/foreignCode.ts';
import { overdueAudit } from './policy/overdueAudit.ts';
import { rdsEvaluation } from './rds/evaluation.ts';
import { invalidHeader } from './safetensors/invalidHeader.ts';
import { expiredCertificate } from './signing/expiredCertificate.ts';
import { filesOutsideSignature } from './signing/filesOutsideSignature.ts';
import { invalidSignature } from './signing/invalidSignature.ts';
import { olderThanFiles } from './signing/olderThanFiles.ts';
import { untrustedSigner } from './signing/untrustedSigner.ts';
import { templateReach } from './template/codeReach.ts';
import { suspiciousTemplate } from './template/suspicious.ts';
import { tensorflowCustomOperator } from './tensorflow/customOperator.ts';
import { dangerousOperator } from './tensorflow/dangerousOperator.ts';
import { escapingAsset } from './tensorflow/escapingAsset.ts';
import { lambdaLayer } from './tensorflow/lambdaLayer.ts';
import { suspiciousOperator } from './tensorflow/suspiciousOperator.ts';
import { opaqueEngine } from './tensorrt/opaqueEngine.ts';
import { tfliteCustomOperator } from './tflite/customOperator.ts';
import { storageMismatch } from './torch/storageMismatch.ts';
import { torchscriptCustomOperator } from './torchscript/customOperator.ts';
import { torchscriptDangerousOperator } from './torchscript/dangerousOperator.ts';
import { xmlEntity } from './xml/entity.ts';
import type { DatasetRule, Rule, TextRule } from './rule.ts';

/** The rules of artifacts, their parts and directories: all that a scan of models needs. */
export const artifactRules: readonly Exclude<Rule, TextRule | DatasetRule>[] = [
  badCrc,
  bomb,
  brokenStream,
  bundledCode,
  bundledExecutable,
  coremlCustomLayer,
  coremlEscapingFile,
  customCode,
  customOperator,
  dangerousImport,
  dangerousOperator,
  digestMismatch,
  disguisedExtension,
  duplicateEntry,
  duplicateWeights,
  encryptedFlag,
  escapingAsset,
  escapingEntry,
  escapingShard,
  expiredCertificate,
  externalDataEscape,
  externalDataMissing,
  externalDataRange,
  filesOutsideSignature,
  foreignRequirements,
  handlerCalls,
  hdf5ExternalLink,
  hdf5ExternalStorage,
  hdf5OversizedDataset,
  hdf5VirtualDataset,
  hiddenPickle,
  importByConfig,
  incomplete,
  inconsistentHeaders,
  invalidGgufHeader,
  invalidHeader,
  invalidMsgpack,
  invalidNumpyHeader,
  invalidSignature,
  kerasCustomObject,
  kerasDangerousReference,
  kerasExternalFile,
  kerasLambda,
  lambdaLayer,
  manifestPath,
  noAibom,
  notInspected,
  objectArray,
  ociLayout,
  olderThanFiles,
  opaqueEngine,
  openvinoCustomOperator,
  outsideLink,
  overdueAudit,
  paddleDangerousOperator,
  persistentId,
  pickleModule,
  pickleTwin,
  pmmlForeignCode,
  preferSafetensors,
  pythonOperator,
  rdsEvaluation,
  resourceBomb,
  recordedBackdoor,
  shardMismatch,
  storageMismatch,
  strayData,
  suspiciousImport,
  suspiciousOperator,
  suspiciousTemplate,
  templateReach,
  tensorflowCustomOperator,
  tfliteCustomOperator,
  torchscriptCustomOperator,
  torchscriptDangerousOperator,
  unknownImport,
  unresolvedImport,
  unsigned,
  untrustedSigner,
  xmlEntity,
].sort((a, b) => (a.meta.id < b.meta.id ? -1 : 1));
