import { isTrue } from '../../formats/text/dynamicValue.ts';
import { leafAt, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import { launchesIn } from '../../formats/text/launches.ts';
import { flagOf } from '../../formats/text/shellWords.ts';
import { placeOf, replace } from '../load/place.ts';
import { callsWith } from '../../formats/text/pythonCalls.ts';
import { defineRule, type Report } from '../rule.ts';
import { documentsOf, type PythonSubject } from '../text.ts';

export const dashboardExposed = defineRule({
  subject: 'text',
  meta: {
    id: 'job/dashboard-exposed',
    title: 'A dashboard that runs code listens on every address',
    severity: 'warning',
    description:
      'Ray’s dashboard is bound to all addresses (`dashboard-host: 0.0.0.0`) and the cluster asks for no token (`authOptions.mode: token`); Jupyter is started without a token (`--NotebookApp.token=""`: an error); MLflow or TensorBoard listens on all addresses (`--host 0.0.0.0`, `--bind_all`); a Vertex AI job opens a shell (`enableWebAccess: true`). A NetworkPolicy or a proxy in front is not visible here.',
    why: 'Ray’s dashboard takes jobs from whoever reaches it (CVE-2023-48022, "ShadowRay"), Jupyter runs cells, MLflow hands out and replaces models. Scanners find such ports within hours.',
    howToFix:
      'Bind to 127.0.0.1 and forward the port (`kubectl port-forward`, `ssh -L`), set `authOptions: {mode: token}` (Ray 2.52 and later), keep Jupyter’s token, put MLflow behind a proxy that authenticates.',
    avoid: [
      { file: 'start.py', text: "import ray\n\nray.init(dashboard_host='0.0.0.0')\n" },
      {
        file: 'ray.yaml',
        text: 'apiVersion: ray.io/v1\nkind: RayCluster\nspec:\n  headGroupSpec:\n    rayStartParams:\n      dashboard-host: "0.0.0.0"\n',
      },
      {
        file: 'cluster.yaml',
        text: 'cluster_name: tune\nprovider: {type: aws, region: us-west-2}\nhead_start_ray_commands:\n  - ray stop\n  - ulimit -n 65536; ray start --head --port=6379 --dashboard-host=0.0.0.0\n',
      },
      {
        file: 'Dockerfile',
        text: 'FROM jupyter/base:1\nUSER 1000\nCMD ["jupyter", "lab", "--ip=0.0.0.0", "--ServerApp.token="]\n',
      },
    ],
    prefer: [
      { file: 'start.py', text: "import ray\n\nray.init(dashboard_host='127.0.0.1')\n" },
      {
        file: 'ray.yaml',
        text: 'apiVersion: ray.io/v1\nkind: RayCluster\nspec:\n  authOptions:\n    mode: token\n  headGroupSpec:\n    rayStartParams:\n      dashboard-host: "0.0.0.0"\n',
      },
      { file: 'Dockerfile', text: 'FROM jupyter/base:1\nUSER 1000\nCMD ["jupyter", "lab", "--ip=127.0.0.1"]\n' },
    ],
    references: [
      { title: 'Ray documentation: security', url: 'https://docs.ray.io/en/latest/ray-security/index.html' },
      { title: 'CVE-2023-48022', url: 'https://nvd.nist.gov/vuln/detail/CVE-2023-48022' },
    ],
    cwe: [306],
    atlas: ['AML.T0049', 'AML.T0012'],
    owasp: ['LLM06:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const document of documentsOf(text, 'ray-cluster')) {
      if ([...mappingsIn(document)].some(({ node }) => textAt(node, 'authOptions', 'mode') === 'token')) continue;
      for (const { node } of mappingsIn(document)) {
        const host = leafAt(node, 'rayStartParams', 'dashboard-host');
        if (!host || !isEverywhere(String(host.value))) continue;
        report({
          message:
            "Ray's dashboard listens on every address and asks for no token: who reaches it runs jobs. Set authOptions.mode to token, or bind it to 127.0.0.1.",
          location: placeOf(host.range),
          evidence: { option: 'dashboard-host' },
          fixes: ['bind-loopback'],
          edits: [
            {
              fix: 'bind-loopback',
              kind: 'suggestion',
              title: 'Bind the dashboard to 127.0.0.1',
              changes: [replace(host.innerRange, '127.0.0.1')],
            },
          ],
        });
      }
    }
    for (const document of documentsOf(text, 'vertex')) {
      for (const { node } of mappingsIn(document)) {
        const shell = nodeAt(node, 'enableWebAccess');
        if (shell?.kind !== 'scalar' || !isTrue(shell.value)) continue;
        report({
          message: 'Opens a shell into the training container (`enableWebAccess: true`). Set it to false.',
          location: placeOf(shell.range),
          evidence: { option: 'enableWebAccess' },
          fixes: ['set-safe-value'],
          edits: [
            {
              fix: 'set-safe-value',
              kind: 'suggestion',
              title: 'Set enableWebAccess to false',
              changes: [replace(shell.range, 'false')],
            },
          ],
        });
      }
    }
    for (const { words } of launchesIn(text, text.path)) checkWords(words, report);
    if (text.language === 'python') checkStarts(text, report);
  },
});

/** `ray.init(dashboard_host="0.0.0.0")`. */
function checkStarts({ calls }: PythonSubject, report: Reporter): void {
  for (const { callee, keywords } of callsWith(calls, 'dashboard_host')) {
    const host = keywords['dashboard_host'];
    if (callee !== 'ray.init' || typeof host?.value !== 'string' || !isEverywhere(host.value)) continue;
    report({
      message:
        "Ray's dashboard listens on every address and asks for no token: who reaches it runs jobs. Bind it to 127.0.0.1.",
      location: placeOf(host.range),
      evidence: { option: 'dashboard_host' },
      fixes: ['bind-loopback'],
      edits: [
        {
          fix: 'bind-loopback',
          kind: 'suggestion',
          title: 'Bind the dashboard to 127.0.0.1',
          changes: [replace(host.innerRange ?? host.range, '127.0.0.1')],
        },
      ],
    });
  }
}

type Reporter = (report: Report) => void;

function isEverywhere(host: string): boolean {
  return /^(?:0\.0\.0\.0|::|\[::\]|\*)$/.test(host);
}

function checkWords(words: Parameters<typeof flagOf>[0], report: Reporter): void {
  const program = words.find(({ value }) =>
    /(?:^|\/)(?:jupyter(?:-\w+)?|start-(?:notebook|singleuser)(?:\.(?:sh|py))?|mlflow|tensorboard|ray)$/.test(value),
  );
  if (!program) return;
  const name = program.value.replace(/^.*\//, '');
  if (/^(?:jupyter|start-)/.test(name)) {
    const token = flagOf(words, 'NotebookApp.token', 'ServerApp.token', 'IdentityProvider.token');
    const password = flagOf(
      words,
      'NotebookApp.password',
      'ServerApp.password',
      'PasswordIdentityProvider.hashed_password',
    );
    const empty = token && (token.value === null || token.value.replaceAll(/["']/g, '') === '');
    if (!empty || (password?.value && password.value.replaceAll(/["']/g, '') !== '')) return;
    report({
      message:
        'Starts Jupyter without a token: who reaches the port runs code. Leave the token as it is, or set one from a secret.',
      severity: 'error',
      location: placeOf(token.range),
      evidence: { program: name },
    });
    return;
  }
  const host = flagOf(words, name === 'ray' ? 'dashboard-host' : 'host');
  const all = flagOf(words, 'bind-all');
  const served = name !== 'mlflow' || words.some(({ value }) => /^(?:server|ui)$/.test(value));
  if (!served || (!all && !(host?.value && isEverywhere(host.value)))) return;
  if (name === 'mlflow' && flagOf(words, 'app-name')?.value === 'basic-auth') return;
  const place = (all ?? host)?.valueRange ?? (all ?? host)?.range ?? program.range;
  report({
    message: `${name === 'ray' ? "Ray's dashboard" : name} listens on every address and asks nobody who they are. Bind it to 127.0.0.1, or put a proxy in front that does.`,
    location: placeOf(place),
    evidence: { program: name },
    ...(host?.valueRange && {
      fixes: ['bind-loopback' as const],
      edits: [
        {
          fix: 'bind-loopback' as const,
          kind: 'suggestion' as const,
          title: 'Bind it to 127.0.0.1',
          changes: [replace(host.valueRange, '127.0.0.1')],
        },
      ],
    }),
  });
}
