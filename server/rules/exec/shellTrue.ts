import { callsTo } from '../../formats/text/pythonCalls.ts';
import { defineRule } from '../rule.ts';
import { placeOf } from '../load/place.ts';

const shells = /^(?:os\.(?:system|popen)|subprocess\.(?:getoutput|getstatusoutput)|commands\.getoutput)$/;
const spawners = /^subprocess\.(?:run|call|check_call|check_output|Popen)$/;
const mayRunShell = (callee: string): boolean => shells.test(callee) || spawners.test(callee);

export const shellTrue = defineRule({
  subject: 'text',
  meta: {
    id: 'exec/shell-true',
    title: 'A shell runs a command that is put together from values',
    severity: 'warning',
    description:
      '`subprocess` with `shell=True`, `os.system` or `os.popen`, of a string that is put together (`f"..."`, `+`, `%`, `.format`), and a notebook’s `!command {value}`. A constant command is not reported; a command that comes as a name or from a function is not judged.',
    why: 'A value that holds `;` or `$(...)` becomes a command of its own: a model name, a file name or an experiment’s title is enough.',
    howToFix: 'Pass a list of arguments and no `shell=True`, or quote each value with `shlex.quote`.',
    avoid: [
      { file: 'download.py', text: "import subprocess\n\nsubprocess.run(f'wget {url}', shell=True)\n" },
      { file: 'train.py', text: "import os\n\nos.system('python train.py --name ' + name)\n" },
    ],
    prefer: [
      {
        file: 'pager.py',
        text: "import os\n\nPAGER = 'less'\nos.system(f'({PAGER}) 2>{os.devnull}')\n",
        note: 'Constants.',
      },
      { file: 'download.py', text: "import subprocess\n\nsubprocess.run(['wget', url], check=True)\n" },
      { file: 'clean.py', text: "import os\n\nos.system('rm -rf build')\n", note: 'A constant.' },
      { file: 'quoted.py', text: "import os\nimport shlex\n\nos.system(f'wget {shlex.quote(url)}')\n" },
    ],
    references: [
      {
        title: 'Python documentation: subprocess, security considerations',
        url: 'https://docs.python.org/3/library/subprocess.html#security-considerations',
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
    if (text.language !== 'python') return;
    let lines: string[] | undefined;
    for (const { callee, positional, keywords, range } of callsTo(text.calls, mayRunShell)) {
      const spawns = spawners.test(callee) && keywords['shell']?.value === true;
      if (!spawns && !shells.test(callee)) continue;
      const command = positional[0] ?? keywords['args'] ?? keywords['cmd'] ?? keywords['command'];
      if (command?.interpolated !== true) continue;
      lines ??= text.text.split('\n');
      if (isQuoted(lines, range)) continue;
      report({
        message: `Has a shell run a command that is put together from values (\`${callee}\`): a value with a semicolon becomes a command. Pass a list of arguments, or quote each value with shlex.quote.`,
        location: placeOf(command.range),
        evidence: { call: callee },
      });
    }
    for (const { text: line, range } of text.shell) {
      const value = /\{([A-Za-z_][\w.[\]'"]*)\}|\$([a-z]\w*)/.exec(line);
      if (!value || /^(?:pip|conda|cd|ls|env|matplotlib|load_ext|time|run)\b/.test(line.trim())) continue;
      report({
        message: `Has a shell run a command with a value of the notebook in it (\`${value[0]}\`): a value with a semicolon becomes a command. Call subprocess.run with a list of arguments.`,
        severity: 'info',
        location: placeOf(range),
        evidence: { call: '!', value: value[0] },
      });
    }
  },
});

/** Whether the call quotes what it puts in. */
function isQuoted(lines: readonly string[], { line, endLine }: { line: number; endLine: number }): boolean {
  return lines.slice(line - 1, endLine).some((each) => /shlex\.(?:quote|join)|\bquote\(/.test(each));
}
