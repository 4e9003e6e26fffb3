/** What rules about records of datasets answer to; each adds what is its own. */
export const provenanceMappings = {
  cwe: [353, 345],
  atlas: ['AML.T0010.002', 'AML.T0020'],
  owasp: ['ML02:2023', 'LLM04:2025'],
  nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
  euAiAct: ['Article 10(2)'],
  since: '0.1.0',
};

export const recordReference = {
  title: 'provenance.schema.json',
  url: 'https://github.com/weighbridge-dev/weighbridge/blob/main/provenance.schema.json',
};
