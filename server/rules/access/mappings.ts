/** What rules about access to data answer to; each adds what is its own. */
export const accessMappings = {
  atlas: ['AML.T0020', 'AML.T0012'],
  owasp: ['ML02:2023', 'LLM04:2025'],
  nistAiRmf: ['GOVERN 1.4', 'MEASURE 2.7'],
  euAiAct: ['Article 10(2)', 'Article 15(5)'],
  since: '0.1.0',
};
