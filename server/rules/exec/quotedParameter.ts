import { keysOf, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf } from '../text.ts';

export const quotedParameter = defineRule({
  subject: 'text',
  meta: {
    id: 'exec/quoted-parameter',
    title: 'A parameter of an MLflow project reaches a shell unquoted',
    severity: 'warning',
    description:
      'A `command` of an MLproject puts a parameter (`{name}`) into quotes of its own, or hands it to another shell (`sh -c`, `eval`, `ssh`, `su -c`). MLflow quotes each parameter once, with `shlex.quote`: quotes around it end its quoting. It holds nobody to the type that is written beside a parameter, `float` as little as `string`. `{name}` without quotes is not reported.',
    why: 'Whoever starts a run, or a service that does it for them, names the parameters: a value with `$(...)` or a semicolon becomes a command on the machine that trains.',
    howToFix: 'Write `{name}` without quotes, and start the program itself: `python train.py --name {name}`.',
    avoid: [
      {
        file: 'MLproject',
        text: 'name: reviews\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n      alpha: {type: float, default: 0.5}\n    command: "ssh gpu python train.py --alpha {alpha}"\n',
        note: 'The shell of the other machine reads the text again, and MLflow takes any text for a float.',
      },
      {
        file: 'MLproject',
        text: 'name: reviews\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n      name: string\n    command: "python train.py --name \'{name}\'"\n',
      },
      {
        file: 'MLproject',
        text: 'name: reviews\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n      data: {type: path, default: data}\n    command: bash -c "python train.py {data} && python report.py"\n',
      },
    ],
    prefer: [
      {
        file: 'MLproject',
        text: "name: reviews\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n      name: string\n      alpha: float\n    command: \"python train.py --name {name} --title 'a run' --alpha {alpha} --format '{{step}}'\"\n",
        note: 'MLflow quotes both; two braces are none.',
      },
    ],
    references: [
      { title: 'MLflow documentation: projects', url: 'https://mlflow.org/docs/latest/ml/projects/' },
      {
        title: 'MLflow: EntryPoint.compute_command',
        url: 'https://github.com/mlflow/mlflow/blob/master/mlflow/projects/_project_spec.py',
      },
    ],
    cwe: [78],
    atlas: ['AML.T0050'],
    owasp: ['LLM05:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'mlproject')) {
      const points = nodeAt(document, 'entry_points');
      for (const name of keysOf(points)) {
        const command = leafAt(points, name, 'command');
        if (typeof command?.value !== 'string') continue;
        const [found] = unquotedIn(command.value);
        if (found === undefined) continue;
        report({
          message: `The parameter ${quoted(found)} ends the quoting that MLflow gives it: a value with \`$(...)\` or a semicolon becomes a command. Write {${found}} without quotes, and no shell around it.`,
          location: placeOf(command.innerRange),
          evidence: { entryPoint: name, parameter: found },
        });
      }
    }
  },
});

/** Parameters whose text a shell reads: between quotes, or in a command that is handed on. */
function unquotedIn(command: string): string[] {
  const another = /(?:^|[\s;&|])(?:(?:ba|z|da)?sh\s+-\w*c|su\s[^;&|]{0,200}?-c|ssh|eval)\s/.exec(command);
  const found: string[] = [];
  let quote = '';
  for (let at = 0; at < command.length; at++) {
    const sign = command[at] ?? '';
    if (sign === '\\' && quote !== "'") at++;
    else if (sign === quote) quote = '';
    else if (quote === '' && (sign === '"' || sign === "'")) quote = sign;
    else if (sign === '{' && command[at + 1] === '{') at++;
    else if (sign === '{') {
      const name = /^\{(\w+)\}/.exec(command.slice(at, at + 200))?.[1];
      if (name !== undefined && (quote !== '' || (another !== null && at > another.index))) found.push(name);
    }
  }
  return found;
}
