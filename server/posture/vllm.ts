import { isTrue } from '../formats/text/dynamicValue.ts';
import type { Launch } from '../formats/text/launches.ts';
import { flagOf } from '../formats/text/shellWords.ts';
import { everyPage, note, type Weakness } from './facts.ts';
import { enforcedBy, image, listensOn, tlsBy, variable, word, type Server } from './launchedServer.ts';

/** vLLM's server. Source: https://docs.vllm.ai/en/latest/usage/security/ */
export const vllm: Server = {
  product: 'vLLM',
  is: (launch) => word(launch, /(?:^|\/)vllm$|vllm\.entrypoints/) || image(launch, /\/vllm-openai/),
  listens: 'network',
  look(launch, endpoint, weaknesses) {
    const { words } = launch;
    listensOn(endpoint, flagOf(words, 'host'));
    const key = flagOf(words, 'api-key');
    const fromEnvironment = variable(launch, 'VLLM_API_KEY');
    const place = key?.range ?? fromEnvironment?.range;
    // vLLM's security guide: the key guards /v1 and a few others; /tokenize, /pause and more stay open.
    if (place) note(endpoint, 'authentication', 'not-enforced', 'a key for /v1 alone; other paths stay open', place);
    tlsBy(endpoint, flagOf(words, 'ssl-certfile'), 'a certificate is named');
    const clients = flagOf(words, 'ssl-cert-reqs');
    if (clients)
      note(
        endpoint,
        'clientCertificate',
        clients.value === '2' ? 'enforced' : 'not-enforced',
        `ssl-cert-reqs ${clients.value ?? ''}`,
        clients.range,
      );
    enforcedBy(launch, endpoint, 'sizeLimit', 'max-model-len');
    const origins = flagOf(words, 'allowed-origins');
    if (origins?.value?.includes('*')) weaknesses.push(everyPage('--allowed-origins', 'info', origins.range));
    for (const [name, weakness] of opened) {
      const set = variable(launch, name);
      if (set && isTrue(set.value)) weaknesses.push({ ...weakness, range: set.range });
    }
    if (endpoint.reach === 'network') media(launch, weaknesses);
  },
};

/** Variables that open what is shut without them, where they are true. */
const opened: readonly [name: string, weakness: Omit<Weakness, 'range'>][] = [
  [
    'VLLM_SERVER_DEV_MODE',
    {
      kind: 'dynamic-code',
      severity: 'error',
      message:
        'Opens the development paths of vLLM (VLLM_SERVER_DEV_MODE), which reset and change the server without a key. Take it out.',
    },
  ],
  [
    'VLLM_ALLOW_INSECURE_SERIALIZATION',
    {
      kind: 'dynamic-code',
      severity: 'warning',
      message:
        'Lets what workers and callers of vLLM send one another be pickles (VLLM_ALLOW_INSECURE_SERIALIZATION): who reaches those ports runs code. Take it out.',
    },
  ],
  [
    'VLLM_ALLOW_RUNTIME_LORA_UPDATING',
    {
      kind: 'model-control-exposed',
      severity: 'error',
      message:
        'Lets requests load adapters while the server runs (VLLM_ALLOW_RUNTIME_LORA_UPDATING): who reaches it changes the model. Take it out.',
    },
  ],
];

/** Options of models that see or hear. */
const mediaFlags = ['limit-mm-per-prompt', 'mm-processor-kwargs', 'media-io-kwargs', 'mm-encoder-tp-mode'];
/** Names of such models: Qwen2.5-VL, llava, Pixtral, InternVL, Phi-3.5-vision, Qwen2-Audio. */
const mediaModel = /\/(?:[\w.]+-)*(?:\w*vl\d*|llava\w*|pixtral|internvl\w*|vision|omni|audio)(?:[-_.][^/]*)?$/i;

/** Pictures, videos and sounds stand in requests as addresses, which the server fetches. */
function media({ words }: Launch, weaknesses: Weakness[]): void {
  const path = flagOf(words, 'allowed-local-media-path');
  if (path?.value)
    weaknesses.push({
      kind: 'media-fetch',
      severity: 'warning',
      message: `Requests may name files below ${JSON.stringify(path.value)} of the server as pictures and videos (--allowed-local-media-path), and see what is in them. Take it out, or name a folder that holds nothing else.`,
      range: path.range,
    });
  const [first] = mediaFlags.flatMap((name) => flagOf(words, name) ?? []);
  const model = words.find(({ value }) => mediaModel.test(value));
  const place = first?.range ?? model?.range;
  if (!place || flagOf(words, 'allowed-media-domains') || takesNoMedia(words)) return;
  weaknesses.push({
    kind: 'media-fetch',
    severity: 'info',
    message:
      'Fetches pictures, videos and sounds from any address that a request names, those of your own network among them. Name the hosts (--allowed-media-domains), and set VLLM_MEDIA_URL_ALLOW_REDIRECTS=0.',
    range: place,
  });
}

/** The model is served for text alone, or every kind of media is limited to none. */
function takesNoMedia(words: Launch['words']): boolean {
  const at = words.findIndex(({ value }) => value.startsWith('--limit-mm-per-prompt'));
  const end = words.findIndex(({ value }, index) => index > at && value.startsWith('--'));
  // JSON with blanks is several words.
  const limits =
    at < 0 ? [] : words.slice(at, end < 0 ? undefined : end).flatMap(({ value }) => value.match(/\d+/g) ?? []);
  return (
    flagOf(words, 'language-model-only') !== undefined ||
    (limits.length > 0 && limits.every((each) => /^0+$/.test(each)))
  );
}
