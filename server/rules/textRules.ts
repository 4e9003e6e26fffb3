import { longLivedKey } from './access/longLivedKey.ts';
import { unusedDataset } from './access/unusedDataset.ts';
import { wildcardBucket } from './access/wildcardBucket.ts';
import { writableDataset } from './access/writableDataset.ts';
import { expiredValidation } from './dataset/expiredValidation.ts';
import { hashMismatch } from './dataset/hashMismatch.ts';
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
import { torchLoadUnsafe } from './load/torchLoadUnsafe.ts';
import { trustRemoteCode } from './load/trustRemoteCode.ts';
import { unsafeCheckpoint } from './load/unsafeCheckpoint.ts';
import { kitfilePath } from './model/kitfilePath.ts';
import { importedClass } from './model/importedClass.ts';
import { mlmodelPath } from './model/mlmodelPath.ts';
import { evaluatedConfig } from './load/evaluatedConfig.ts';
import { configuredLibrary } from './onnx/configuredLibrary.ts';
import { expiredException } from './policy/expiredException.ts';
import { alertWithoutDuration } from './monitor/alertWithoutDuration.ts';
import { brokenExpression } from './monitor/brokenExpression.ts';
import { noAbsenceAlert } from './monitor/noAbsenceAlert.ts';
import { windowTooSmall } from './drift/windowTooSmall.ts';
import { pValueLargeN } from './drift/pValueLargeN.ts';
import { noBaseline } from './drift/noBaseline.ts';
import { noAnalysis } from './canary/noAnalysis.ts';
import { canaryWithoutBaseline } from './canary/noBaseline.ts';
import { noMtls } from './endpoint/noMtls.ts';
import { noSchema } from './endpoint/noSchema.ts';
import { noTimeout } from './endpoint/noTimeout.ts';
import { endOfLife } from './endpoint/endOfLife.ts';
import { duplicateKey } from './cfg/duplicateKey.ts';
import { yamlTrap } from './cfg/yamlTrap.ts';
import { mutableAction } from './ci/mutableAction.ts';
import { tokenPermissions } from './ci/tokenPermissions.ts';
import { untrustedTraining } from './ci/untrustedTraining.ts';
import { adminExposed } from './endpoint/adminExposed.ts';
import { authNotEnforced } from './endpoint/authNotEnforced.ts';
import { corsStar } from './endpoint/corsStar.ts';
import { dynamicCode } from './endpoint/dynamicCode.ts';
import { edgeDefaults } from './endpoint/edgeDefaults.ts';
import { mediaFetch } from './endpoint/mediaFetch.ts';
import { inlinePrivateKey } from './endpoint/inlinePrivateKey.ts';
import { modelControlExposed } from './endpoint/modelControlExposed.ts';
import { mtlsNotEnforced } from './endpoint/mtlsNotEnforced.ts';
import { noAuth } from './endpoint/noAuth.ts';
import { noRateLimit } from './endpoint/noRateLimit.ts';
import { noSizeLimit } from './endpoint/noSizeLimit.ts';
import { noStructuredLog } from './endpoint/noStructuredLog.ts';
import { payloadLogging } from './endpoint/payloadLogging.ts';
import { plaintextListener } from './endpoint/plaintextListener.ts';
import { rateLimitNotEnforced } from './endpoint/rateLimitNotEnforced.ts';
import { schemaNotEnforced } from './endpoint/schemaNotEnforced.ts';
import { upstreamUnverified } from './endpoint/upstreamUnverified.ts';
import { vulnerable } from './dependency/vulnerable.ts';
import { quotedParameter } from './exec/quotedParameter.ts';
import { requestCode } from './exec/requestCode.ts';
import { shellTrue } from './exec/shellTrue.ts';
import { insecureTransport } from './fetch/insecureTransport.ts';
import { noChecksum } from './fetch/noChecksum.ts';
import { azurePublicNetwork } from './job/azurePublicNetwork.ts';
import { broadRole } from './job/broadRole.ts';
import { dashboardExposed } from './job/dashboardExposed.ts';
import { noLimits } from './job/noLimits.ts';
import { noSecurityContext } from './job/noSecurityContext.ts';
import { privileged } from './job/privileged.ts';
import { sagemakerIsolation } from './job/sagemakerIsolation.ts';
import { vertexIsolation } from './job/vertexIsolation.ts';
import { secretInEnv } from './job/secretInEnv.ts';
import { archiveExtractAll } from './load/archiveExtractAll.ts';
import { kerasUnsafe } from './load/kerasUnsafe.ts';
import { nativeLibrary } from './load/nativeLibrary.ts';
import { pickleFamily } from './load/pickleFamily.ts';
import { torchHub } from './load/torchHub.ts';
import { yamlUnsafe } from './load/yamlUnsafe.ts';
import { reportTo } from './log/reportTo.ts';
import { codeArchive } from './pin/codeArchive.ts';
import { containerImage } from './pin/containerImage.ts';
import { datasetRevision } from './pin/datasetRevision.ts';
import { imageDigest } from './pin/imageDigest.ts';
import { modelRevision } from './pin/modelRevision.ts';
import { pythonDeps } from './pin/pythonDeps.ts';
import { noSeed } from './repro/noSeed.ts';
import type { TextRule } from './rule.ts';
import { literalSecret } from './secret/literal.ts';
import { notebookOutput } from './secret/notebookOutput.ts';

/** Rules of configurations, code, jobs, containers and endpoints. */
export const textRules: readonly TextRule[] = [
  alertWithoutDuration,
  brokenExpression,
  noAbsenceAlert,
  windowTooSmall,
  pValueLargeN,
  noBaseline,
  noAnalysis,
  canaryWithoutBaseline,
  noMtls,
  noSchema,
  noTimeout,
  endOfLife,
  adminExposed,
  authNotEnforced,
  corsStar,
  dynamicCode,
  edgeDefaults,
  inlinePrivateKey,
  mediaFetch,
  modelControlExposed,
  mtlsNotEnforced,
  noAuth,
  noRateLimit,
  noSizeLimit,
  noStructuredLog,
  payloadLogging,
  plaintextListener,
  rateLimitNotEnforced,
  schemaNotEnforced,
  upstreamUnverified,
  archiveExtractAll,
  azurePublicNetwork,
  broadRole,
  codeArchive,
  containerImage,
  dashboardExposed,
  datasetRevision,
  duplicateKey,
  imageDigest,
  insecureTransport,
  kerasUnsafe,
  literalSecret,
  modelRevision,
  mutableAction,
  nativeLibrary,
  noChecksum,
  noLimits,
  noSecurityContext,
  noSeed,
  notebookOutput,
  pickleFamily,
  privileged,
  pythonDeps,
  quotedParameter,
  reportTo,
  requestCode,
  sagemakerIsolation,
  secretInEnv,
  vertexIsolation,
  shellTrue,
  tokenPermissions,
  torchHub,
  untrustedTraining,
  vulnerable,
  yamlTrap,
  yamlUnsafe,
  expiredException,
  expiredValidation,
  hashMismatch,
  hashNotAHash,
  invalidInUse,
  invalidRecord,
  kitfilePath,
  importedClass,
  evaluatedConfig,
  configuredLibrary,
  mlmodelPath,
  lfsPointerAsData,
  licenceMissing,
  longLivedKey,
  mlflowDigest,
  mutableSource,
  noHash,
  recordIncomplete,
  sizeMismatch,
  staleLock,
  torchLoadUnsafe,
  trustRemoteCode,
  unregistered,
  unsafeCheckpoint,
  unusedDataset,
  weakHash,
  wildcardBucket,
  writableDataset,
];
