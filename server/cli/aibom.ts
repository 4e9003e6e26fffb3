import { WeighbridgeError } from '../errors.ts';
import type { Command, Io } from './io.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge aibom MODEL [OPTION...]
       weighbridge aibom MODEL --check [OPTION...]
       weighbridge aibom update MODEL | fill MODEL
       weighbridge aibom validate FILE... | diff OLD NEW | merge AIBOM SBOM... |
                         export FILE | sign FILE --key PEM | verify FILE --key PEM

Writes a CycloneDX ML-BOM of a model's folder (or of one file), offline, from what stands in it: hashes, tensor headers,
configs, the model card, licences, training and evaluation results, lock files. Nothing is executed or fetched. A folder
whose name is one of the actions is written as ./validate.

Generate:
  --out FILE         Where to write; default: standard output. An older bill of materials there is replaced
  --spec VERSION     CycloneDX 1.6 (default) or 1.7
  --author NAME      Who the bill of materials is from

Check (--check): holds the one beside the model against the model on disk. Exit code 1: it is missing, invalid or stale
  --aibom FILE       The one to check (--out means the same here); default: the one beside the model
  --format FORMAT    text (default) or json

Other actions:
  update, fill       Brings the one beside the model (or --aibom FILE) up to date; or fills only what it leaves open from
                     the model's papers. What people wrote into it stays
  validate           By the official schema and by what it cannot say; --format text|json
  diff               What changed between two; --format text|json. Exit code 1: they differ
  merge              Adds the components of software SBOMs; --out FILE
  export             --format spdx3|markdown; --out FILE
  sign, verify       JSON Signature Format inside the document: Ed25519, ECDSA or RSA; --key PEM, --out FILE

${commonHelp}
SOURCE_DATE_EPOCH sets the time in the document; otherwise it is that of the newest file.

Examples:
  weighbridge aibom models/sentiment --out models/sentiment/aibom.cdx.json
  weighbridge aibom models/sentiment --check
  weighbridge aibom validate vendor/model.cdx.json
  weighbridge aibom merge aibom.cdx.json sbom.cdx.json --out release.cdx.json
  weighbridge aibom export aibom.cdx.json --format markdown
`;

/** Actions; anything else is the model to describe. */
const actions: Record<string, (args: string[], io: Io) => Promise<number>> = {
  update: async (args, io) => (await import('./aibomEditing.ts')).editAction('update', args, io),
  fill: async (args, io) => (await import('./aibomEditing.ts')).editAction('fill', args, io),
  validate: async (args, io) => (await import('./aibomDocuments.ts')).validateAction(args, io),
  diff: async (args, io) => (await import('./aibomDocuments.ts')).diffAction(args, io),
  merge: async (args, io) => (await import('./aibomDocuments.ts')).mergeAction(args, io),
  export: async (args, io) => (await import('./aibomDocuments.ts')).exportAction(args, io),
  sign: async (args, io) => (await import('./aibomSignature.ts')).signAction(args, io),
  verify: async (args, io) => (await import('./aibomSignature.ts')).verifyAction(args, io),
};

export const aibom: Command = {
  help,
  async run(args, io) {
    const [first = '', ...rest] = args;
    const action = Object.hasOwn(actions, first) ? actions[first] : undefined;
    if (action) return action(rest, io);
    if (args.length === 0) throw new WeighbridgeError('bad-usage', 'name the model: weighbridge aibom MODEL');
    return (await import('./aibomModel.ts')).modelAction(args, io);
  },
};
