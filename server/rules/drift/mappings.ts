/** What rules about watching for drift answer to; each adds what is its own. */
export const driftMappings = {
  atlas: ['AML.T0020'],
  owasp: ['ML02:2023', 'ML08:2023'],
  nistAiRmf: ['MEASURE 2.4', 'MANAGE 4.1'],
  euAiAct: ['Article 15(1)', 'Article 72(1)'],
  since: '0.1.0',
};

export const driftReference = {
  title: 'Evidently documentation: data drift',
  url: 'https://docs.evidentlyai.com/metrics/explainer_drift',
};
