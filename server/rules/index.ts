import { longLivedKey } from './access/longLivedKey.ts';
import { unusedDataset } from './access/unusedDataset.ts';
import { wildcardBucket } from './access/wildcardBucket.ts';
import { writableDataset } from './access/writableDataset.ts';
import { badCrc } from './archive/badCrc.ts';
import { bundledCode } from './archive/bundledCode.ts';
import { bomb } from './archive/bomb.ts';
import { duplicateEntry } from './archive/duplicateEntry.ts';
import { encryptedFlag } from './archive/encryptedFlag.ts';
import { escapingEntry } from './archive/escapingEntry.ts';
import { handlerCalls } from './archive/handlerCalls.ts';
import { inconsistentHeaders } from './archive/inconsistentHeaders.ts';
import { strayData } from './archive/strayData.ts';
import { denseGroup } from './dataset/denseGroup.ts';
import { expiredValidation } from './dataset/expiredValidation.ts';
import { hashNotAHash } from './dataset/hashNotAHash.ts';
import { invalidInUse } from './dataset/invalidInUse.ts';
import { invalidRecord } from './dataset/invalidRecord.ts';
import { lfsPointerAsData } from './dataset/lfsPointer.ts';
import { licenceMissing } from './dataset/licenceMissing.ts';
import { mlflowDigest } from './dataset/mlflowDigest.ts';
import { mutableSource } from './dataset/mutableSource.ts';
import { noHash } from './dataset/noHash.ts';
import { recordIncomplete } from './dataset/recordIncomplete.ts';
import { sizeMismatch } from './dataset/sizeMismatch.ts';
import { staleLock } from './dataset/staleLock.ts';
import { unregistered } from './dataset/unregistered.ts';
import { weakHash } from './dataset/weakHash.ts';
import { hashMismatch } from './dataset/hashMismatch.ts';
import { hiddenCharactersRule } from './dataset/hiddenCharacters.ts';
import { injectedPhrase } from './dataset/injectedPhrase.ts';
import { instructionInData } from './dataset/instructionInData.ts';
import { isolatedRecord } from './dataset/isolatedRecord.ts';
import { labelShift } from './dataset/labelShift.ts';
import { markedPoisoned } from './dataset/markedPoisoned.ts';
import { nearDuplicates } from './dataset/nearDuplicates.ts';
import { personalData } from './dataset/personalData.ts';
import { rareToken } from './dataset/rareToken.ts';
import { unreadableRecord } from './dataset/unreadableRecord.ts';
import { disguisedExtension } from './file/disguisedExtension.ts';
import { invalidGgufHeader } from './gguf/invalidHeader.ts';
import { hdf5ExternalLink } from './hdf5/externalLink.ts';
import { hdf5ExternalStorage } from './hdf5/externalStorage.ts';
import { hdf5OversizedDataset } from './hdf5/oversizedDataset.ts';
import { hdf5VirtualDataset } from './hdf5/virtualDataset.ts';
import { kerasCustomObject } from './keras/customObject.ts';
import { kerasDangerousReference } from './keras/dangerousReference.ts';
import { kerasExternalFile } from './keras/externalFile.ts';
import { kerasLambda } from './keras/lambda.ts';
import { suspiciousTemplate } from './template/suspicious.ts';
import { templateReach } from './template/codeReach.ts';
import { incomplete } from './file/incomplete.ts';
import { digestMismatch } from './file/digestMismatch.ts';
import { notInspected } from './file/notInspected.ts';
import { torchLoadUnsafe } from './load/torchLoadUnsafe.ts';
import { trustRemoteCode } from './load/trustRemoteCode.ts';
import { unsafeCheckpoint } from './load/unsafeCheckpoint.ts';
import { importByConfig } from './load/importByConfig.ts';
import { bundledExecutable } from './model/bundledExecutable.ts';
import { recordedBackdoor } from './model/recordedBackdoor.ts';
import { customCode } from './model/customCode.ts';
import { duplicateWeights } from './model/duplicateWeights.ts';
import { escapingShard } from './model/escapingShard.ts';
import { invalidMsgpack } from './msgpack/invalidStructure.ts';
import { kitfilePath } from './model/kitfilePath.ts';
import { noAibom } from './model/noAibom.ts';
import { ociLayout } from './model/ociLayout.ts';
import { outsideLink } from './model/outsideLink.ts';
import { pickleTwin } from './model/pickleTwin.ts';
import { shardMismatch } from './model/shardMismatch.ts';
import { unsigned } from './model/unsigned.ts';
import { expiredCertificate } from './signing/expiredCertificate.ts';
import { filesOutsideSignature } from './signing/filesOutsideSignature.ts';
import { invalidSignature } from './signing/invalidSignature.ts';
import { olderThanFiles } from './signing/olderThanFiles.ts';
import { untrustedSigner } from './signing/untrustedSigner.ts';
import { invalidNumpyHeader } from './numpy/invalidHeader.ts';
import { objectArray } from './numpy/objectArray.ts';
import { customOperator } from './onnx/customOperator.ts';
import { externalDataEscape } from './onnx/externalDataEscape.ts';
import { externalDataMissing } from './onnx/externalDataMissing.ts';
import { externalDataRange } from './onnx/externalDataRange.ts';
import { pythonOperator } from './onnx/pythonOperator.ts';
import { tensorflowCustomOperator } from './tensorflow/customOperator.ts';
import { dangerousOperator } from './tensorflow/dangerousOperator.ts';
import { escapingAsset } from './tensorflow/escapingAsset.ts';
import { lambdaLayer } from './tensorflow/lambdaLayer.ts';
import { suspiciousOperator } from './tensorflow/suspiciousOperator.ts';
import { brokenStream } from './pickle/brokenStream.ts';
import { dangerousImport } from './pickle/dangerousImport.ts';
import { hiddenPickle } from './pickle/hiddenPickle.ts';
import { persistentId } from './pickle/persistentId.ts';
import { preferSafetensors } from './pickle/preferSafetensors.ts';
import { resourceBomb } from './pickle/resourceBomb.ts';
import { suspiciousImport } from './pickle/suspiciousImport.ts';
import { unknownImport } from './pickle/unknownImport.ts';
import { unresolvedImport } from './pickle/unresolvedImport.ts';
import { coremlCustomLayer } from './coreml/customLayer.ts';
import { coremlEscapingFile } from './coreml/escapingFile.ts';
import { openvinoCustomOperator } from './openvino/customOperator.ts';
import { paddleDangerousOperator } from './paddle/dangerousOperator.ts';
import { pmmlForeignCode } from './pmml/foreignCode.ts';
import { expiredException } from './policy/expiredException.ts';
import { overdueAudit } from './policy/overdueAudit.ts';
import { opaqueEngine } from './tensorrt/opaqueEngine.ts';
import { tfliteCustomOperator } from './tflite/customOperator.ts';
import { xmlEntity } from './xml/entity.ts';
import type { Rule } from './rule.ts';
import { textRules } from './textRules.ts';
import { rdsEvaluation } from './rds/evaluation.ts';
import { invalidHeader } from './safetensors/invalidHeader.ts';
import { storageMismatch } from './torch/storageMismatch.ts';
import { torchscriptCustomOperator } from './torchscript/customOperator.ts';
import { torchscriptDangerousOperator } from './torchscript/dangerousOperator.ts';

/** Every rule, by id. A rule that is not here does not exist. */
export const rules: readonly Rule[] = [
  ...textRules,
  bundledCode,
  bundledExecutable,
  customCode,
  duplicateWeights,
  escapingShard,
  pickleTwin,
  recordedBackdoor,
  shardMismatch,
  importByConfig,
  coremlCustomLayer,
  coremlEscapingFile,
  openvinoCustomOperator,
  paddleDangerousOperator,
  pmmlForeignCode,
  expiredException,
  overdueAudit,
  opaqueEngine,
  tfliteCustomOperator,
  xmlEntity,
  invalidGgufHeader,
  invalidMsgpack,
  hdf5ExternalLink,
  hdf5ExternalStorage,
  hdf5OversizedDataset,
  hdf5VirtualDataset,
  kerasCustomObject,
  kerasDangerousReference,
  kerasExternalFile,
  kerasLambda,
  suspiciousTemplate,
  templateReach,
  rdsEvaluation,
  tensorflowCustomOperator,
  dangerousOperator,
  escapingAsset,
  lambdaLayer,
  suspiciousOperator,
  customOperator,
  externalDataEscape,
  externalDataMissing,
  externalDataRange,
  pythonOperator,
  badCrc,
  bomb,
  duplicateEntry,
  encryptedFlag,
  escapingEntry,
  inconsistentHeaders,
  strayData,
  disguisedExtension,
  incomplete,
  notInspected,
  digestMismatch,
  handlerCalls,
  ociLayout,
  outsideLink,
  kitfilePath,
  invalidNumpyHeader,
  objectArray,
  brokenStream,
  dangerousImport,
  hiddenPickle,
  persistentId,
  preferSafetensors,
  resourceBomb,
  suspiciousImport,
  unknownImport,
  unresolvedImport,
  invalidHeader,
  storageMismatch,
  torchscriptCustomOperator,
  torchscriptDangerousOperator,
  writableDataset,
  unusedDataset,
  longLivedKey,
  wildcardBucket,
  hashMismatch,
  hashNotAHash,
  sizeMismatch,
  noHash,
  weakHash,
  invalidRecord,
  recordIncomplete,
  expiredValidation,
  licenceMissing,
  mutableSource,
  mlflowDigest,
  staleLock,
  lfsPointerAsData,
  unregistered,
  invalidInUse,
  hiddenCharactersRule,
  injectedPhrase,
  denseGroup,
  isolatedRecord,
  labelShift,
  markedPoisoned,
  nearDuplicates,
  personalData,
  rareToken,
  instructionInData,
  unreadableRecord,
  torchLoadUnsafe,
  trustRemoteCode,
  unsafeCheckpoint,
  noAibom,
  unsigned,
  expiredCertificate,
  filesOutsideSignature,
  invalidSignature,
  olderThanFiles,
  untrustedSigner,
].sort((a, b) => (a.meta.id < b.meta.id ? -1 : 1));
