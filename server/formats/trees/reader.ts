import type { FormatId } from '../facts.ts';
import { GraphCollector } from '../graph/collector.ts';
import type { GraphFormat } from '../graph/facts.ts';
import type { Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';

/** Native files of gradient boosting libraries: numbers and names of features, and no code. */
export function treeFormat(source: ByteSource, head: Uint8Array): FormatId | null {
  const text = Buffer.from(head).toString('latin1');
  // Booster.save_model: JSON, UBJSON, and the binary format of XGBoost before 3.1.
  if (/^\s*\{\s*"learner"\s*:\s*\{/.test(text)) return isXgboost(source) ? 'xgboost' : null;
  if (text.startsWith('{L\0\0\0\0\0\0\0\x07learner{') || text.startsWith('binf')) return 'xgboost';
  if (/^tree\r?\nversion=v\d/.test(text)) return 'lightgbm';
  return text.startsWith('CBM1') ? 'catboost' : null;
}

function isXgboost(source: ByteSource): boolean {
  const start = Buffer.from(source.read(0, 64 * 1024)).toString('latin1');
  return ['"attributes"', '"gradient_booster"', '"feature_names"'].some((key) => start.includes(key));
}

/** Tells what a file of trees is; its numbers are not read. */
export function treeReader(format: GraphFormat): Reader {
  return (source, context) => {
    const found = new GraphCollector(context, format);
    if (format === 'lightgbm') {
      const head = Buffer.from(source.read(0, 64 * 1024)).toString('utf8');
      for (const [, key, value] of head.matchAll(/^(version|num_class|objective|max_feature_idx)=(.{0,200})$/gm))
        found.property(key ?? '', value ?? '');
    }
    found.finish();
  };
}
