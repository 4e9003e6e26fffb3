import { itemsAt, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { canaryMappings } from './mappings.ts';

export const canaryWithoutBaseline = defineRule({
  subject: 'text',
  meta: {
    id: 'canary/no-baseline',
    title: 'A canary is compared with nothing of its own age',
    severity: 'info',
    description:
      'An `experiment` of an Argo rollout starts a canary and no baseline (a copy of the stable version of the same size), or an analysis by Kayenta names no control scope. Caches that are cold and fewer replicas make any new version look worse or better than production.',
    why: 'A difference between a fresh canary and warm production says nothing of the model, so that people learn to wave it through.',
    howToFix: 'Start `specRef: stable` beside `specRef: canary`, and compare the two.',
    avoid: [
      {
        file: 'rollout.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: churn\nspec:\n  strategy:\n    canary:\n      steps:\n        - setWeight: 20\n        - experiment:\n            duration: 1h\n            templates:\n              - {name: canary, specRef: canary}\n            analyses:\n              - {name: agreement, templateName: agreement}\n',
      },
    ],
    prefer: [
      {
        file: 'rollout.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: churn\nspec:\n  strategy:\n    canary:\n      steps:\n        - setWeight: 20\n        - experiment:\n            duration: 1h\n            templates:\n              - {name: baseline, specRef: stable}\n              - {name: canary, specRef: canary}\n            analyses:\n              - {name: agreement, templateName: agreement}\n',
      },
    ],
    references: [
      {
        title: 'Argo Rollouts: experiments',
        url: 'https://argo-rollouts.readthedocs.io/en/stable/features/experiment/',
      },
    ],
    ...canaryMappings,
  },
  check(text, report) {
    for (const document of documentsOf(text, 'argo-rollout')) {
      for (const step of itemsAt(document, 'spec', 'strategy', 'canary', 'steps')) {
        const templates = itemsAt(step, 'experiment', 'templates').map((each) => leafAt(each, 'specRef'));
        const [first] = templates;
        if (!first || templates.some((each) => each?.value !== 'canary')) continue;
        report({
          message:
            'Starts a canary and no baseline beside it. Start `specRef: stable` in the same experiment, and compare the two.',
          location: placeOf(first.range),
          evidence: { tool: 'argo-rollouts' },
        });
      }
    }
    for (const document of documentsOf(text, 'argo')) {
      for (const metric of itemsAt(document, 'spec', 'metrics')) {
        for (const scope of itemsAt(metric, 'provider', 'kayenta', 'scopes')) {
          const name = leafAt(scope, 'name');
          if (!name || nodeAt(scope, 'controlScope')) continue;
          report({
            message: 'Judges the canary by Kayenta with nothing to compare it with. Name a control scope.',
            location: placeOf(name.range),
            evidence: { tool: 'kayenta' },
          });
        }
      }
    }
  },
});
