import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import type { NamesFacts } from '../../formats/names/facts.ts';
import { archivesAround } from '../partsAt.ts';
import { classifyImport } from '../pickle/knownImports.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule, type ArtifactContext } from '../rule.ts';

/** Handlers that TorchServe brings. Source: serve, ts/torch_handler. */
const ownHandlers =
  /^(?:base_handler|image_classifier|image_segmenter|object_detector|text_classifier|text_handler|vision_handler|dali_image_classifier|densenet_handler|request_envelope|(?:ts|torch_handler)\..+)$/;

export const manifestPath = defineRule({
  subject: 'names',
  meta: {
    id: 'archive/manifest-path',
    title: 'The manifest of a TorchServe archive reaches outside of the archive',
    severity: 'error',
    description:
      'The `MANIFEST.json` of a TorchServe archive gives its handler, its model, its configuration or its requirements by a path that leads out of the archive, or a handler that is a function known to run something. It is a warning when the handler is neither in the archive nor one that TorchServe brings, and so is imported from the packages of the server.',
    why: 'TorchServe imports the handler, loads the files and installs the requirements as soon as the model is registered: what is scanned, reviewed and signed is then not what runs.',
    howToFix: 'Do not register the archive. Make it anew with torch-model-archiver, which puts all files into it.',
    avoid: [
      {
        file: 'model.mar',
        zip: [
          { name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "../../tmp/handler.py"}}' },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.mar',
        zip: [{ name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "image_classifier"}}' }],
      },
    ],
    references: [
      {
        title: 'Torch Model archiver for TorchServe',
        url: 'https://github.com/pytorch/serve/blob/master/model-archiver/README.md',
      },
      { title: 'TorchServe documentation: security', url: 'https://github.com/pytorch/serve/blob/master/SECURITY.md' },
    ],
    cwe: [22, 73, 470],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    if (part.source !== 'serving-manifest') return;
    for (const { name, path, offset } of part.names) {
      const location = bytePlace(part, offset);
      // A handler may say which function of its module is called: `handler.py:handle`.
      const drive = /^[A-Za-z]:[\\/]/.test(name);
      const colon = path === 'handler' && !drive ? name.indexOf(':') : -1;
      const file = colon < 0 ? name : name.slice(0, colon);
      const how = leadsOutside(file);
      const evidence = { key: path, value: name.slice(0, 1_000) };
      if (how !== null) {
        report({
          message: `Serving the model opens ${quoted(file)} (${path}), which ${how}. Do not register it.`,
          location,
          evidence,
        });
        continue;
      }
      if (path !== 'handler') continue;
      const known = colon < 0 ? null : classifyImport(file.replace(/\.py$/, ''), name.slice(colon + 1));
      if (known?.tier === 'dangerous')
        report({
          message: `Serving the model imports ${quoted(name)} and calls it with what is sent: it ${known.does}. Do not register it.`,
          location,
          evidence,
        });
      else if (!ownHandlers.test(file) && isMissing(file, part, artifact))
        report({
          severity: 'warning',
          message: `Serving the model imports ${quoted(file)}, which is not in the archive, from the packages of the server. Make sure that you know it.`,
          location,
          evidence,
        });
    }
  },
});

/** Whether the archive that holds the manifest has no such file; an unpacked one is not looked through. */
function isMissing(file: string, { entry }: NamesFacts, { inspection }: ArtifactContext): boolean {
  const archive = archivesAround(inspection, entry).at(-1);
  if (archive === undefined || archive.entries.length === 0) return false;
  const wanted = file.replace(/^\.\//, '').replace(/\.py$/, '').replaceAll('.', '/');
  return !archive.entries.some(({ name }) => {
    const stem = name.replace(/^\.\//, '').replace(/\.(?:py|pyc|so)$/, '');
    return (
      stem === wanted ||
      stem.endsWith(`/${wanted}`) ||
      stem === `${wanted}/__init__` ||
      stem.endsWith(`/${wanted}/__init__`)
    );
  });
}
