/** What rules about alerts of models answer to. */
export const alertMappings = {
  references: [
    {
      title: 'Prometheus documentation: alerting rules',
      url: 'https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/',
    },
  ],
  cwe: [778],
  atlas: ['AML.T0029'],
  owasp: ['ML08:2023'],
  nistAiRmf: ['MEASURE 2.4', 'MANAGE 4.1'],
  euAiAct: ['Article 72(1)'],
  since: '0.1.0',
};
