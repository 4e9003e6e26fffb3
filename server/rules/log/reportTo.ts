import { callsWith } from '../../formats/text/pythonCalls.ts';
import { isDynamicText, isFalse, isTrue } from '../../formats/text/dynamicValue.ts';
import { dealias, entryOf, leafAt } from '../../formats/text/configTree.ts';
import { placeOf, replace } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const reportTo = defineRule({
  subject: 'text',
  meta: {
    id: 'log/report-to',
    title: 'A training run tells others about itself',
    severity: 'info',
    description:
      'A training config or `TrainingArguments` reports to a tracker on other machines (`report_to: wandb`, `wandb_project`), which is information, or pushes the model to a hub and does not ask for a private repository (`push_to_hub: true` without `hub_private_repo: true`, `hub_model_id` of axolotl), which is a warning.',
    why: 'Hyperparameters, samples of the data, host names and the code’s state go to the tracker; a public repository shows the weights, and what they remember, to everybody.',
    howToFix:
      'Set `hub_private_repo: true`, and keep trackers to an instance of your own (`WANDB_BASE_URL`, MLflow, TensorBoard) where the data asks for it.',
    avoid: [
      { file: 'train.yaml', text: 'output_dir: out\nnum_train_epochs: 1\npush_to_hub: true\n' },
      { file: 'args.json', text: '{"output_dir": "out", "num_train_epochs": 1, "report_to": ["wandb"]}\n' },
    ],
    prefer: [
      {
        file: 'train.yaml',
        text: 'output_dir: out\nnum_train_epochs: 1\npush_to_hub: true\nhub_private_repo: true\nreport_to: tensorboard\n',
      },
    ],
    references: [
      {
        title: 'Transformers documentation: TrainingArguments',
        url: 'https://huggingface.co/docs/transformers/main_classes/trainer#transformers.TrainingArguments',
      },
    ],
    cwe: [200],
    atlas: ['AML.T0057', 'AML.T0025'],
    owasp: ['ML05:2023', 'LLM02:2025'],
    nistAiRmf: ['MEASURE 2.10'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'training-arguments', 'llama-factory', 'axolotl')) {
      const pushed = leafAt(document, 'push_to_hub');
      const isPrivate = leafAt(document, 'hub_private_repo');
      const hidden = isPrivate !== undefined && !isFalse(isPrivate.value);
      if (pushed && isTrue(pushed.value) && !hidden) {
        const entry = entryOf(document, 'push_to_hub');
        const { line, column } = entry?.keyRange ?? pushed.range;
        const flow = dealias(document)?.kind === 'mapping' && text.language === 'json';
        report({
          message:
            'Pushes the model to a public repository of the hub. Set hub_private_repo to true, or take push_to_hub out.',
          severity: 'warning',
          location: placeOf(pushed.range),
          evidence: { option: 'push_to_hub' },
          ...(isPrivate === undefined && {
            fixes: ['set-safe-value'],
            edits: [
              {
                fix: 'set-safe-value' as const,
                kind: 'suggestion' as const,
                title: 'Ask for a private repository',
                changes: [
                  replace(
                    { line, column, endLine: line, endColumn: column },
                    flow ? '"hub_private_repo": true, ' : `hub_private_repo: true\n${' '.repeat(column - 1)}`,
                  ),
                ],
              },
            ],
          }),
        });
      }
      const trackers = ['report_to', 'wandb_project', 'comet_project_name'].flatMap((key) => {
        const node = leafAt(document, key) ?? leafAt(document, key, 0);
        return node ? [{ key, node }] : [];
      });
      for (const { key, node } of trackers) {
        const value = typeof node.value === 'string' ? node.value : '';
        const outside =
          key === 'report_to' ? /^(?:wandb|comet_ml|neptune|swanlab|all|clearml)$/.test(value) : value !== '';
        if (!outside || isDynamicText(value)) continue;
        report({
          message: `Reports the run to a tracker on other machines (\`${key}: ${value}\`). Make sure that its data may go there.`,
          location: placeOf(node.range),
          evidence: { option: key },
        });
        break;
      }
    }
    if (text.language !== 'python') return;
    for (const { callee, keywords } of callsWith(text.calls, 'push_to_hub')) {
      const pushed = keywords['push_to_hub'];
      if (!/(?:Arguments|Config)$/.test(callee) || pushed?.value !== true || keywords['hub_private_repo']) continue;
      report({
        message:
          'Pushes the model to a public repository of the hub. Set hub_private_repo to True, or take push_to_hub out.',
        severity: 'warning',
        location: placeOf(pushed.range),
        evidence: { option: 'push_to_hub' },
      });
    }
  },
});
