/** What rules about ways into models answer to; each adds what is its own. */
export const endpointMappings = {
  atlas: ['AML.T0040', 'AML.T0049'],
  owasp: ['LLM02:2025', 'ML05:2023'],
  nistAiRmf: ['MEASURE 2.7'],
  euAiAct: ['Article 15(5)'],
  since: '0.1.0',
};

/** The same of rules about how much a caller may ask for. */
export const consumptionMappings = {
  ...endpointMappings,
  cwe: [770],
  atlas: ['AML.T0029', 'AML.T0034'],
  owasp: ['LLM10:2025'],
};
