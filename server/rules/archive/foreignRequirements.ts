import { isCommit } from '../../formats/text/hubReference.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { modelPlace } from './modelPlace.ts';

export const foreignRequirements = defineRule({
  subject: 'names',
  meta: {
    id: 'archive/foreign-requirements',
    title: 'A model archive has packages installed from elsewhere',
    severity: 'warning',
    description:
      'The requirements file of an archive that a server of models unpacks (TorchServe, SageMaker) names an address, a repository, or another index than the server’s own.',
    why: 'SageMaker installs them when the model starts, and TorchServe where `install_py_dep_per_model` is set: a package runs code while it is installed, and whoever has the address decides which.',
    howToFix: 'Name packages of your index by exact versions with hashes, and put your own code into the archive.',
    avoid: [
      {
        file: 'model.mar',
        zip: [
          { name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "image_classifier"}}' },
          { name: 'requirements.txt', text: '--extra-index-url https://packages.example.org/simple\nours\n' },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.mar',
        zip: [
          { name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "image_classifier"}}' },
          { name: 'requirements.txt', text: 'numpy==2.1.0\n' },
        ],
      },
    ],
    references: [
      {
        title: 'TorchServe documentation: custom dependencies',
        url: 'https://github.com/pytorch/serve/blob/master/docs/custom_service.md',
      },
    ],
    cwe: [427, 829, 494],
    atlas: ['AML.T0010.001', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    if (part.source !== 'requirements' || modelPlace(part, artifact) === null) return;
    // A repository at a full commit cannot change.
    const told = part.names.filter(({ name }) => !isCommit(/@([^@#]+)(?:#.*)?$/.exec(name)?.[1] ?? ''));
    const [first] = told;
    if (first === undefined) return;
    const more = told.length > 1 ? ` and ${told.length - 1} more` : '';
    report({
      message: `Has packages installed from elsewhere: ${quoted(first.name)} (${first.path})${more}. Find out who has that address before you serve the model.`,
      location: bytePlace(part, first.offset),
      evidence: { sources: told.slice(0, 50).map(({ name, path }) => `${name} (${path})`) },
    });
  },
});
