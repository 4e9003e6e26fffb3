import { hasMerge, itemsAt, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import { stateOf } from '../../formats/text/dynamicValue.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';
import { canaryMappings } from './mappings.ts';

/** A step that looks at the canary, or waits for somebody who does. */
function asks(step: ConfigNode): boolean {
  const pause = nodeAt(step, 'pause');
  return (
    nodeAt(step, 'analysis') !== undefined ||
    nodeAt(step, 'experiment') !== undefined ||
    (pause !== undefined && nodeAt(pause, 'duration') === undefined)
  );
}

export const noAnalysis = defineRule({
  subject: 'text',
  meta: {
    id: 'canary/no-analysis',
    title: 'A canary is promoted without a look at it',
    severity: 'warning',
    description:
      'An Argo `Rollout` sends a share of the requests to a new version and never asks how it does (no `analysis`, no `experiment`, no pause that a person ends), or a `Canary` of Flagger has no metrics and no webhooks. For KServe’s `canaryTrafficPercent` it is information: nothing in the object asks, whoever raises the share has to.',
    why: 'A model that is worse, or was tampered with, reaches everybody after the last step, by the clock.',
    howToFix:
      'Add `analysis` with an AnalysisTemplate that compares with the stable version, or `pause: {}`, which waits for a person.',
    avoid: [
      {
        file: 'rollout.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: churn\nspec:\n  strategy:\n    canary:\n      steps:\n        - setWeight: 20\n        - pause: {duration: 10m}\n        - setWeight: 60\n',
      },
      {
        file: 'canary.yaml',
        text: 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: churn\nspec:\n  analysis:\n    interval: 1m\n    threshold: 5\n    maxWeight: 50\n    stepWeight: 10\n',
      },
      {
        file: 'churn.yaml',
        text: 'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: churn\nspec:\n  predictor:\n    canaryTrafficPercent: 10\n    model:\n      modelFormat: {name: sklearn}\n      storageUri: s3://models/churn/7\n',
      },
    ],
    prefer: [
      {
        file: 'rollout.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: churn\nspec:\n  strategy:\n    canary:\n      analysis:\n        templates: [{templateName: agreement}]\n      steps:\n        - setWeight: 20\n        - pause: {duration: 10m}\n',
      },
      {
        file: 'manual.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: churn\nspec:\n  strategy:\n    canary:\n      steps:\n        - setWeight: 20\n        - pause: {}\n',
        note: 'Waits for a person.',
      },
      {
        file: 'canary.yaml',
        text: 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: churn\nspec:\n  analysis:\n    interval: 1m\n    threshold: 5\n    metrics:\n      - name: request-success-rate\n        thresholdRange: {min: 99}\n',
      },
    ],
    references: [
      {
        title: 'Argo Rollouts: analysis and progressive delivery',
        url: 'https://argo-rollouts.readthedocs.io/en/stable/features/analysis/',
      },
    ],
    ...canaryMappings,
  },
  check(text, report) {
    for (const document of documentsOf(text, 'argo-rollout')) {
      const canary = nodeAt(document, 'spec', 'strategy', 'canary');
      const steps = itemsAt(canary, 'steps');
      const share = steps.map((step) => leafAt(step, 'setWeight')).find((leaf) => leaf !== undefined);
      if (!share || nodeAt(canary, 'analysis') || hasMerge(canary) || steps.some(asks)) continue;
      report({
        message:
          'Promotes the canary by the clock: no step asks how it does. Add an analysis, or a pause that a person ends.',
        location: placeOf(share.range),
        evidence: { tool: 'argo-rollouts' },
      });
    }
    for (const document of documentsOf(text, 'flagger')) {
      const analysis = nodeAt(document, 'spec', 'analysis') ?? nodeAt(document, 'spec', 'canaryAnalysis');
      if (!analysis || hasMerge(analysis)) continue;
      if (['metrics', 'webhooks'].some((key) => itemsAt(analysis, key).length > 0)) continue;
      const interval = leafAt(analysis, 'interval') ?? leafAt(analysis, 'threshold');
      report({
        message: 'Promotes the canary by the clock: the analysis names no metric. Add one, and a limit to it.',
        location: placeOf(
          interval?.range ?? { ...analysis.range, endLine: analysis.range.line, endColumn: analysis.range.column + 1 },
        ),
        evidence: { tool: 'flagger' },
      });
    }
    for (const document of documentsOf(text, 'kserve')) {
      const share = leafAt(document, 'spec', 'predictor', 'canaryTrafficPercent');
      if (!share || stateOf(share) !== 'literal' || share.value === 0 || share.value === 100) continue;
      report({
        message: `Sends ${String(share.value)} per cent of the requests to the new version, and nothing here asks how it does. Compare both before the share is raised (weighbridge regress, an analysis of what answers).`,
        severity: 'info',
        location: placeOf(share.range),
        evidence: { tool: 'kserve' },
      });
    }
  },
});
