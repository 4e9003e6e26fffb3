/** What the lightbulb says. One place, so that the words stay in one voice. */
export const titles = {
  convert: 'Convert to safetensors',
  convertTensorsOnly: (left: string) => `Convert only the tensors to safetensors (${left})`,
  convertAndUse: 'Convert to safetensors and use it here',
  convertAll: 'Convert all safe-to-convert checkpoints in the workspace',
  showSignature: 'Show the signature',
  verifyAgain: 'Verify again: hash every file',
  signModel: 'Sign model...',
  generateAibom: 'Generate AIBOM',
  updateAibom: 'Update AIBOM',
  fillAibom: 'Fill from model card',
  openSideFile: 'Fill in what no file says, in aibom.enrich.yaml',
  showAibom: 'Show AIBOM',
  redact: (field: string) => `Redact the personal data in ${field} into a copy`,
  markClean: 'Mark this record as clean...',
  markPoisoned: 'Mark this record as poisoned...',
  accept: (rule: string) => `Accept this finding: add ${rule} here to the baseline`,
  changeSeverity: (rule: string) => `Change the severity of ${rule}...`,
  setSeverity: (rule: string, setting: string) =>
    setting === 'off' ? `Turn ${rule} off in weighbridge.yaml` : `Set ${rule} to ${setting} in weighbridge.yaml`,
  showRule: (rule: string) => `Show the page of ${rule}`,
  fixAll: 'Fix all that Weighbridge can fix safely',
};
