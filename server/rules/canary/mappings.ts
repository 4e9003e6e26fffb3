/** What rules about canaries answer to. */
export const canaryMappings = {
  cwe: [1164],
  atlas: ['AML.T0018', 'AML.T0020'],
  owasp: ['ML10:2023', 'LLM03:2025'],
  nistAiRmf: ['MANAGE 4.1', 'MEASURE 2.3'],
  euAiAct: ['Article 15(1)', 'Article 72(1)'],
  since: '0.1.0',
};
