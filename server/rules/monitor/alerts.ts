import { itemsAt, leafAt, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, TextRange } from '../../formats/text/facts.ts';
import { documentsOf, type TextSubject } from '../text.ts';

/** An alerting rule about a model. */
export interface ModelAlert {
  name: string;
  expression: ConfigLeaf;
  duration: ConfigLeaf | undefined;
  /** Of its name. */
  place: TextRange;
  /** The first metric of a model that it asks for. */
  metric: string;
}

/** Metrics of inference servers and of what watches models, by the prefixes that they have. */
const metric =
  /\b((?:ml|model|vllm|nv_inference|nv_gpu|tgi|ts_inference|torchserve|ray_serve|seldon|kserve|bentoml|litellm|triton|evidently|whylogs|nannyml|mlflow|prediction|inference|drift|feature_drift|data_drift)(?::\w[\w:]*|_\w+)|\w*(?:_drift|drift_)\w*)/;

/** Alerting rules about models: of a rules file, and of a PrometheusRule. */
export function alertsIn(text: TextSubject): ModelAlert[] {
  return [...documentsOf(text, 'prometheus-rules')].flatMap((document) => {
    const groups = itemsAt(nodeAt(document, 'spec') ?? document, 'groups');
    return groups.flatMap((group) =>
      itemsAt(group, 'rules').flatMap((rule): ModelAlert[] => {
        const alert = leafAt(rule, 'alert');
        const expression = leafAt(rule, 'expr');
        const found = metric.exec(textAt(rule, 'expr') ?? '')?.[1];
        if (!alert || !expression || found === undefined) return [];
        const duration = leafAt(rule, 'for');
        return [{ name: String(alert.value), expression, duration, place: alert.innerRange, metric: found }];
      }),
    );
  });
}
