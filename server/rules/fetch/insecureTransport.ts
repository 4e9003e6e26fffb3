import { nodeAt } from '../../formats/text/configTree.ts';
import { scalarsWhere } from '../../formats/text/configScalars.ts';
import type { ConfigScalar, TextRange } from '../../formats/text/facts.ts';
import { isFalse, isTrue } from '../../formats/text/dynamicValue.ts';
import { launchesIn, launchVariables } from '../../formats/text/launches.ts';
import { commandsOf } from '../../formats/text/shellWords.ts';
import { placeOf, replace } from '../load/place.ts';
import { remembered } from '../../formats/text/remembered.ts';
import { defineRule, type Report } from '../rule.ts';
import { isConfig, lacks, type ConfigSubject, type PythonSubject, type TextSubject } from '../text.ts';

type Reporter = (report: Report) => void;

export const insecureTransport = defineRule({
  subject: 'text',
  meta: {
    id: 'fetch/insecure-transport',
    title: 'Something is downloaded without checking who sends it',
    severity: 'warning',
    description:
      'A model, a dataset, a package or a script is fetched over `http://`, or with checks of certificates off: `verify=False`, `curl -k`, `wget --no-check-certificate`, `insecure_skip_verify: true`, `s3-verifyssl: "0"` (KServe), `HF_HUB_DISABLE_SSL_VERIFICATION`. Addresses of this machine and of the cluster (`localhost`, private addresses, names without a dot or under `.svc`, `.local`, `.internal`), names of namespaces, schemas and licences, and links in prose are not meant.',
    why: 'Whoever is on the way, in the same network or at a provider, puts a file of their own in place of yours: a pickle is enough to run code.',
    howToFix:
      'Use https, and give the client the certificate of your own authority (`verify="ca.pem"`, `curl --cacert`) instead of switching checks off.',
    avoid: [
      {
        file: 'download.py',
        text: "import requests\n\nsession = requests.Session()\nsession.verify = False\nweights = session.get('https://models.example.org/a.bin')\n",
      },
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: chat\n    litellm_params:\n      model: openai/chat\n      api_base: http://models.example.org/v1\n',
        note: 'Prompts and the key go there in the clear.',
      },
      {
        file: 'environment.yml',
        text: 'name: a\nchannels:\n  - http://channels.example.org/own\ndependencies:\n  - python=3.11.9\n',
      },
      {
        file: 'pyproject.toml',
        text: '[project]\nname = "a"\ndependencies = ["b @ http://packages.example.org/b-1.whl"]\n',
      },
      {
        file: 'unchecked.py',
        text: 'import ssl\n\nssl._create_default_https_context = ssl._create_unverified_context\n',
      },
      {
        file: 'download.py',
        text: "import requests\n\nweights = requests.get('https://models.example.org/a.bin', verify=False)\n",
      },
      { file: 'train.yaml', text: 'model_name_or_path: http://models.example.org/a.tar.gz\n' },
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nRUN curl -k -o model.bin https://models.example.org/model.bin\nUSER 1000\n',
      },
    ],
    prefer: [
      {
        file: 'download.py',
        text: "import requests\n\nsession = requests.Session()\nsession.verify = '/etc/ssl/own.pem'\n# session.verify = False\nstage.verify = False\n",
      },
      {
        file: 'checked.py',
        text: 'import ssl\n\n# ssl._create_default_https_context = ssl._create_unverified_context\nssl.create_default_context()\n',
      },
      {
        file: 'Chart.yaml',
        text: 'apiVersion: v2\nname: gateway\nversion: 1.0.0\nsources:\n  - http://github.com/org/gateway\n',
        note: 'An address to read, from which nothing is loaded.',
      },
      {
        file: 'backend.yaml',
        text: 'model_uri: http://registry.model-store:8080/models\nmodel_name: a\n',
        note: 'A service inside of the cluster.',
      },
      {
        file: 'download.py',
        text: "import requests\n\nweights = requests.get('https://models.example.org/a.bin', verify='ca.pem')\n",
      },
      {
        file: 'train.yaml',
        text: 'model: https://models.example.org/a.tar.gz\ntracking_uri: http://mlflow:5000\napi: http://localhost:8000/v1\nsponsors: [{url: "http://www.example.net"}]\nlicence: http://www.apache.org/licenses/LICENSE-2.0\n',
      },
      {
        file: 'alertmanager.yml',
        text: 'receivers:\n  - name: team\n    slack_configs:\n      - api_url: https://hooks.example.org/a\n        image_url: http://pictures.example.org/a.png\n        http_config: {proxy_url: "http://proxy.example.org:3128"}\n',
        note: 'A picture and a proxy: nothing that is loaded.',
      },
    ],
    references: [
      { title: 'CWE-319: Cleartext Transmission', url: 'https://cwe.mitre.org/data/definitions/319.html' },
      { title: 'CWE-295: Improper Certificate Validation', url: 'https://cwe.mitre.org/data/definitions/295.html' },
    ],
    cwe: [319, 295],
    atlas: ['AML.T0010'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language === 'python') checkPython(text, report);
    else if (isConfig(text)) checkConfig(text, report);
    else if (text.language === 'requirements') {
      for (const { url, range } of text.requirements) if (url !== null && isPlain(url)) sayAddress(url, range, report);
      for (const { value, range } of text.options) if (isPlain(value)) sayAddress(value, range, report);
    } else if (text.language === 'dockerfile') {
      for (const { keyword, words } of text.instructions)
        if (keyword === 'ADD')
          for (const { value, range } of words) if (isPlain(value)) sayAddress(value, range, report);
    }
    checkCommands(text, report);
  },
});

/** An `http://` address of another machine. */
function isPlain(value: string): boolean {
  const match = /^(?:git\+)?http:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^/:?#\s]+)/i.exec(value);
  if (!match) return false;
  const host = (match[1] ?? '').toLowerCase();
  if (!host.includes('.') || /[{}$<>%*]/.test(host)) return false;
  // Top-level domains have no hyphen: `backend.envoy-gateway` is a service and its namespace.
  const last = host.slice(host.lastIndexOf('.') + 1);
  if (last.includes('-') && !last.startsWith('xn--')) return false;
  if (/^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0)/.test(host)) return false;
  return !/\.(?:svc|local|internal|localhost|lan|test|invalid|intranet|cluster)(?:\.|$)/.test(host);
}

/** Names that are no places: XML namespaces, schemas, licences, identifiers. */
const identifiers =
  /^https?:\/\/(?:www\.)?(?:apache\.org\/licenses|w3\.org|schema\.org|json-schema\.org|mlcommons\.org|creativecommons\.org|opensource\.org|purl\.org|xmlns\.com|opengis\.net|schemas\.|gnu\.org|spdx\.org|hl7\.org|id\.loc\.gov)/i;

function sayAddress(address: string, range: TextRange, report: Reporter): void {
  const host = /^\S*?:\/\/(?:[^@/]*@)?([^/?#]+)/.exec(address)?.[1] ?? '';
  report({
    message: `Fetches from ${JSON.stringify(host)} over http: whoever is on the way can send something else. Use https.`,
    location: placeOf(range),
    evidence: { host },
  });
}

/** What names no place that a model, its data or its code come from: pages for people, pictures, the proxy on the way, and where alerts go. */
function isNoSource(key: string, address: string): boolean {
  return (
    /schema|context|licen[cs]e|homepage|citation|conformsTo|namespace|proxy|webhook|slack|pagerduty|opsgenie|icon|logo|^@/i.test(
      key,
    ) ||
    // The home of somebody, not a file there.
    (/^(?:url|link|web_?site|href)$/i.test(key) && /^https?:\/\/[^/?#]*\/?$/i.test(address)) ||
    /\.(?:jpe?g|png|gif|svg|webp|ico|html?)(?:[?#]|$)/i.test(address)
  );
}

/** What a key names as a place to load from or to send to. */
const loadsFrom =
  /model|checkpoint|ckpt|adapter|weights|pretrained|resume|tokenizer|dataset|data|path|uri|url|index|repo|registry|download|endpoint|remote|source|archive|image|working_dir|storage|api_base|channel/i;

function checkConfig(text: ConfigSubject, report: Reporter): void {
  const { scalars, documents, path: file } = text;
  const concerned = scalarsWhere(scalars, mayBeInsecure);
  if (concerned.length === 0) return;
  const mayName = !lacks(text, /http:/i);
  // The description of an API names servers that others may call, a bill of materials and a chart the pages that tell of it.
  const isAbout =
    documents.some((document) =>
      ['openapi', 'swagger', 'bomFormat', 'spdxVersion'].some((key) => nodeAt(document, key)),
    ) || /(?:^|\/)Chart\.yaml$/.test(file);
  for (const { path, value, innerRange, range } of concerned) {
    const key = keyOf(path);
    if (
      typeof value === 'string' &&
      mayName &&
      !isAbout &&
      isPlain(value) &&
      loadsFrom.test(key) &&
      !identifiers.test(value) &&
      !isNoSource(key, value)
    ) {
      sayAddress(value, innerRange, report);
    }
    // What a project depends on: `name @ http://...`.
    const required = typeof value === 'string' && mayName ? /\s@\s*(http:\/\/\S+)$/.exec(value)?.[1] : undefined;
    if (required !== undefined && text.language === 'toml' && isPlain(required))
      sayAddress(required, innerRange, report);
    const off = (isTrue(value) && skipsVerification(key)) || (isFalse(value) && verifies(key));
    if (off) {
      report({
        message: /usehttps$/i.test(key)
          ? `Talks to the store without encryption (\`${key}: ${String(value)}\`): whoever is on the way reads the keys and changes the model. Use https.`
          : `Checks no certificate (\`${key}: ${String(value)}\`): whoever is on the way can answer. Leave the check on, and name an authority of your own where there is one.`,
        location: placeOf(range),
        evidence: { option: key },
      });
    }
  }
}

function mayBeInsecure({ path, value }: ConfigScalar): boolean {
  if (typeof value === 'string' && (isPlain(value) || /\s@\s*http:/.test(value))) return true;
  const key = keyOf(path);
  return skipsVerification(key) || verifies(key);
}

function keyOf(path: readonly (string | number)[]): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

const skipsVerification = remembered((key) =>
  /^(?:insecure_?skip_?(?:tls_?)?verify|insecureSkipTLSVerify|skip_tls_verify)$/i.test(key),
);
const verifies = remembered((key) =>
  /(?:^|[./_-])(?:verify_?ssl|ssl_?verify|tls_?verify|s3-verifyssl|s3-usehttps|usehttps)$/i.test(key),
);

const requesting = /^(?:requests|httpx|aiohttp|urllib3|hvac|elasticsearch|opensearchpy|boto3)\b/;

function checkPython({ calls, text }: PythonSubject, report: Reporter): void {
  checkDefaultContext(text, report);
  checkSessions(text, report);
  for (const { callee, keywords, positional, range } of calls) {
    const verify = keywords['verify'] ?? keywords['verify_ssl'] ?? keywords['ssl_verify'];
    if (
      verify?.value === false &&
      (requesting.test(callee) ||
        /(?:\.|^)(?:get|post|put|delete|patch|head|request|Session|Client|AsyncClient|client|resource)$/.test(callee))
    ) {
      report({
        message: `Checks no certificate (\`verify=False\`): whoever is on the way can answer. Leave the check on, or name your own authority's file.`,
        location: placeOf(verify.range),
        evidence: { call: callee },
        fixes: ['verify-certificates'],
        edits: [
          {
            fix: 'verify-certificates',
            kind: 'suggestion',
            title: 'Check certificates',
            changes: [replace(verify.range, 'True')],
          },
        ],
      });
    }
    if (/^ssl\._create_unverified_context$/.test(callee)) {
      report({
        message: 'Makes connections that check no certificate. Use ssl.create_default_context.',
        location: placeOf(range),
        evidence: { call: callee },
      });
    }
    const address = positional[0];
    if (
      fetches(callee) &&
      typeof address?.value === 'string' &&
      isPlain(address.value) &&
      !identifiers.test(address.value)
    ) {
      sayAddress(address.value, address.innerRange ?? address.range, report);
    }
  }
}

/** `session.verify = False`, `configuration.verify_ssl = False`: what all requests of a session or client are made with. */
function checkSessions(text: string, report: Reporter): void {
  if (!/\.verify(?:_ssl)?\s*=\s*F/.test(text)) return;
  for (const [index, whole] of text.split('\n').entries()) {
    const match =
      /^(\s*(?:["']\s*)?(?:\w+\.)*\w*(?:session|sess|client|config|configuration|conf)\.)(verify(?:_ssl)?\s*=\s*False)\b/i.exec(
        whole.slice(0, 400),
      );
    if (!match) continue;
    const column = (match[1] ?? '').length + 1;
    const written = match[2] ?? '';
    report({
      message: `Checks no certificate (\`${written}\`): whoever is on the way can answer. Leave the check on, or name your own authority's file.`,
      location: placeOf({ line: index + 1, column, endLine: index + 1, endColumn: column + written.length }),
      evidence: { option: written.replace(/\s.*/, '') },
    });
  }
}

/** The assignment that takes the check off every download of the program. */
function checkDefaultContext(text: string, report: Reporter): void {
  if (!text.includes('_create_default_https_context')) return;
  for (const [index, whole] of text.split('\n').entries()) {
    const match = /ssl\._create_default_https_context\s*=\s*ssl\._create_unverified_context\b/.exec(
      whole.slice(0, 400),
    );
    if (!match || /^\s*["']?\s*#/.test(whole)) continue;
    const column = match.index + 1;
    report({
      message:
        'Takes the check of certificates off every download of the program (`ssl._create_default_https_context`): models and datasets come from whoever is on the way. Install the missing authority instead (certifi).',
      location: placeOf({ line: index + 1, column, endLine: index + 1, endColumn: column + match[0].length }),
      evidence: { call: 'ssl._create_default_https_context' },
    });
  }
}

const fetches = remembered((callee) =>
  /(?:^|\.)(?:get|post|urlretrieve|urlopen|wget|download\w*|load_dataset|from_pretrained|read_(?:csv|json|parquet|pickle)|get_file|download_url|load_state_dict_from_url)$/.test(
    callee,
  ),
);

function checkCommands(text: TextSubject, report: Reporter): void {
  for (const { words } of launchesIn(text, text.path)) {
    for (const command of commandsOf(words)) {
      const name = command.find(({ value }) => !/^(?:sudo|\w+=.*)$/.test(value))?.value ?? '';
      const downloads = /(?:^|\/)(?:curl|wget|aria2c)$/.test(name);
      for (const { value, range } of command) {
        const insecure =
          (/(?:^|\/)curl$/.test(name) && /^(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)$/.test(value)) ||
          (/(?:^|\/)wget$/.test(name) && value === '--no-check-certificate');
        if (insecure) {
          report({
            message: `Downloads without checking the certificate (\`${name} ${value}\`). Leave the check on, or name your own authority with --cacert.`,
            location: placeOf(range),
            evidence: { option: value },
          });
        } else if (downloads && isPlain(value)) sayAddress(value, range, report);
      }
    }
  }
  // Services of Compose share what they merge.
  const said = new Set<string>();
  for (const { name, value, range } of launchVariables(text, text.path)) {
    const off =
      (/^(?:HF_HUB_DISABLE_SSL\w*|CURL_INSECURE|GIT_SSL_NO_VERIFY|WANDB_INSECURE_DISABLE_SSL|MLFLOW_TRACKING_INSECURE_TLS)$/.test(
        name,
      ) &&
        isTrue(value)) ||
      (/^(?:PYTHONHTTPSVERIFY|NODE_TLS_REJECT_UNAUTHORIZED|S3_VERIFY_SSL)$/.test(name) && isFalse(value));
    const place = `${range.line}:${range.column}`;
    if (!off || said.has(place)) continue;
    said.add(place);
    report({
      message: `Checks no certificate (\`${name}=${value ?? ''}\`): whoever is on the way can answer. Take the variable out.`,
      location: placeOf(range),
      evidence: { option: name },
    });
  }
}
