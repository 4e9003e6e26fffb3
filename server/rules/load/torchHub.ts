import { callsTo } from '../../formats/text/pythonCalls.ts';
import { isCommit } from '../../formats/text/hubReference.ts';
import { defineRule } from '../rule.ts';
import { placeOf } from './place.ts';

export const torchHub = defineRule({
  subject: 'text',
  meta: {
    id: 'load/torch-hub',
    title: 'torch.hub runs code of a repository that can change',
    severity: 'warning',
    description:
      '`torch.hub.load` (or `help`, `list`) of a repository on GitHub without a full commit behind a colon: its `hubconf.py` is downloaded and run. `trust_repo=True` also silences the question that PyTorch asks before it runs a repository for the first time.',
    why: 'Whoever can push to the branch runs code on every machine that loads the model.',
    howToFix:
      'Name the commit that you read (`owner/repository:<40 hexadecimal digits>`), or load from a local copy with `source="local"`.',
    avoid: [
      { file: 'depth.py', text: "import torch\n\nmodel = torch.hub.load('org/depth', 'large', trust_repo=True)\n" },
      {
        file: 'tag.py',
        text: "import torch\n\nmodel = torch.hub.load('org/depth:v1.0', 'large')\n",
        note: 'A tag can be moved.',
      },
    ],
    prefer: [
      {
        file: 'depth.py',
        text: "import torch\n\nmodel = torch.hub.load('org/depth:0123456789abcdef0123456789abcdef01234567', 'large')\n",
      },
      {
        file: 'local.py',
        text: "import torch\n\nmodel = torch.hub.load('./third_party/depth', 'large', source='local')\n",
      },
    ],
    references: [{ title: 'PyTorch documentation: torch.hub', url: 'https://docs.pytorch.org/docs/stable/hub.html' }],
    cwe: [829, 494],
    atlas: ['AML.T0010.001', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1', 'MAP 4.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    for (const { positional, keywords, range, spread } of callsTo(text.calls, /^torch\.hub\.(?:load|help|list)$/)) {
      const repository = (positional[0] ?? keywords['repo_or_dir'] ?? keywords['github'])?.value;
      const source = keywords['source'];
      const local = source !== undefined && source.value !== 'github';
      if (local || spread === true || typeof repository !== 'string' || /^[./~\\]/.test(repository)) continue;
      const [name, revision] = repository.split(':');
      if (isCommit(revision)) continue;
      const trusted = keywords['trust_repo']?.value === true ? ' without asking (`trust_repo=True`)' : '';
      report({
        message: `Downloads and runs the code of ${JSON.stringify(name)} as it stands at the time${trusted}. Put the full commit behind a colon.`,
        location: placeOf(positional[0]?.range ?? range),
        evidence: { repository, trusted: trusted !== '' },
      });
    }
  },
});
