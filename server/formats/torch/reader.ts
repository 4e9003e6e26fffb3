export { readTorchLegacy } from './readTorchLegacy.ts';
export { readTorchTar } from './readTorchTar.ts';
export { readTorchZip } from './readTorchZip.ts';
