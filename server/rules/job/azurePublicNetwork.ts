import { leafAt, mappingsIn, textAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, ConfigNode } from '../../formats/text/facts.ts';
import { isTrue, stateOf } from '../../formats/text/dynamicValue.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { headOf } from './containers.ts';

export const azurePublicNetwork = defineRule({
  subject: 'text',
  meta: {
    id: 'job/azure-public-network',
    title: 'An asset of Azure ML is open to the public network',
    severity: 'warning',
    description:
      'A workspace or an online endpoint with `public_network_access: enabled`, a deployment with `egress_public_network_access: enabled`, a managed network with `isolation_mode: allow_internet_outbound` or `disabled`, a compute with a public address (`enable_node_public_ip`) or public SSH. Where the key of an endpoint or a deployment is left out it is enabled, too: information.',
    why: 'An endpoint that the internet reaches is asked by anybody who has a key; a container that reaches the internet sends the model, the data and its tokens anywhere.',
    howToFix:
      'Set `public_network_access: disabled` and `egress_public_network_access: disabled`, reach the workspace by a private endpoint, and choose `isolation_mode: allow_only_approved_outbound`.',
    avoid: [
      {
        file: 'endpoint.yml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json\nname: reviews\nauth_mode: aad_token\npublic_network_access: enabled\n',
      },
      {
        file: 'deployment.yml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\nname: blue\nendpoint_name: reviews\nmodel: azureml:reviews:3\ninstance_type: Standard_DS3_v2\n',
        note: 'Left out, which is enabled.',
      },
      {
        file: 'compute.yml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json\nname: gpus\ntype: amlcompute\nssh_public_access_enabled: true\n',
      },
    ],
    prefer: [
      {
        file: 'endpoint.yml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json\nname: reviews\nauth_mode: aad_token\npublic_network_access: ${{ACCESS}}\n',
        note: 'Something else decides.',
      },
      {
        file: 'deployment.yml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\nname: blue\nendpoint_name: reviews\nmodel: azureml:reviews:3\ninstance_type: Standard_DS3_v2\negress_public_network_access: disabled\n',
      },
    ],
    references: [
      {
        title: 'Azure Machine Learning: network isolation with managed online endpoints',
        url: 'https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint',
      },
      {
        title: 'Azure Machine Learning: managed online deployment (v2) YAML schema',
        url: 'https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-managed-online',
      },
    ],
    cwe: [668],
    atlas: ['AML.T0025', 'AML.T0040'],
    owasp: ['ML05:2023', 'LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'azure-ml')) {
      for (const { key, leaf } of opened(document)) {
        report({
          message: `Opens the public network (\`${key}: ${leaf.source}\`). ${repairOf(key)}`,
          location: placeOf(leaf.innerRange),
          evidence: { key, value: leaf.value },
          fixes: ['set-safe-value'],
          edits: [
            {
              fix: 'set-safe-value',
              kind: 'suggestion',
              title: `Set ${key} to ${repairs[key]?.safe ?? ''}`,
              changes: [replace(leaf.innerRange, repairs[key]?.safe ?? '')],
            },
          ],
        });
      }
      const schema = textAt(document, '$schema') ?? '';
      const key = /managedOnlineEndpoint/.test(schema)
        ? 'public_network_access'
        : /managedOnlineDeployment/.test(schema)
          ? 'egress_public_network_access'
          : null;
      if (key === null || stateOf(leafAt(document, key)) !== 'absent' || document.kind !== 'mapping') continue;
      report({
        message: `Leaves \`${key}\` out, which is enabled. ${repairOf(key)}`,
        severity: 'info',
        location: placeOf(headOf(document)),
        evidence: { key, value: null },
      });
    }
  },
});

/** What each key is set to, and what that means. */
const repairs: Readonly<Record<string, { safe: string; then: string }>> = {
  public_network_access: { safe: 'disabled', then: 'and reach it by a private endpoint' },
  egress_public_network_access: { safe: 'disabled', then: 'what the container needs comes by the workspace' },
  isolation_mode: { safe: 'allow_only_approved_outbound', then: 'and list what is needed' },
  enable_node_public_ip: { safe: 'false', then: 'the nodes then have no public address' },
  ssh_public_access_enabled: { safe: 'false', then: 'and connect by the workspace' },
};

function repairOf(key: string): string {
  const repair = repairs[key];
  return repair ? `Set it to ${repair.safe}: ${repair.then}.`.replace(': and', ', and') : '';
}

function* opened(document: ConfigNode): Generator<{ key: string; leaf: ConfigLeaf }> {
  for (const { node } of mappingsIn(document)) {
    for (const key of Object.keys(repairs)) {
      const leaf = leafAt(node, key);
      if (!leaf || stateOf(leaf) !== 'literal') continue;
      const value = String(leaf.value).toLowerCase();
      const open =
        key === 'isolation_mode'
          ? /^(?:allow_internet_outbound|disabled)$/.test(value)
          : value === 'enabled' || isTrue(leaf.value);
      if (open) yield { key, leaf };
    }
  }
}
