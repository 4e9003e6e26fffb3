import { percentEncoded } from '../../files/diskPath.ts';
import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import type { Licence, Origin } from '../record.ts';
import { licenceNamed } from './licenceNames.ts';
import { copyrightOf, licenceOfText } from './licenceText.ts';

/** Base models whose licence binds what is made of them, by the beginning of their names on the Hub. */
const bindingFamilies: [RegExp, string][] = [
  [/^meta-llama\/(?:Llama-2|LlamaGuard-7b|CodeLlama)/i, 'llama2'],
  [/^codellama\//i, 'llama2'],
  [/^meta-llama\/(?:Meta-)?Llama-3\.1/i, 'llama3.1'],
  [/^meta-llama\/(?:Meta-)?Llama-3\.2/i, 'llama3.2'],
  [/^meta-llama\/(?:Meta-)?Llama-3\.3/i, 'llama3.3'],
  [/^meta-llama\/(?:Meta-)?Llama-3/i, 'llama3'],
  [/^meta-llama\/Llama-4/i, 'llama4'],
  [/^google\/(?:gemma|codegemma|paligemma|recurrentgemma)/i, 'gemma'],
  [/^bigcode\/starcoder/i, 'bigcode-openrail-m'],
  [/^bigscience\/bloom/i, 'bigscience-bloom-rail-1.0'],
  [/^(?:runwayml|CompVis)\/stable-diffusion/i, 'creativeml-openrail-m'],
];

const licenceFile = /^(?:licen[cs]e|copying)(?:[._-][\w.-]+)?$/i;
const usePolicy = /^(?:use_policy|acceptable_use_policy|usage_policy)\.(?:md|txt|pdf)$/i;

/** Reads the licence texts, adds what a base model is known to bind to, and notes where they contradict the card. */
export function readLicences(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(licenceFile)) {
    const text = folder.text(path);
    if (text === undefined) continue;
    const origin: Origin = { file: path, at: 'text', technique: 'manifest-analysis' };
    const licence = licenceOfText(text);
    if (licence) draft.foundLicences.push({ value: licence, origin });
    else draft.note(`The text of ${path} is no licence that is known by its wording; read it yourself.`);
    draft.set('copyright', copyrightOf(text), origin);
    draft.reference({ type: 'license', url: percentEncoded(path), origin: { file: path, technique: 'filename' } });
  }
  for (const path of folder.matching(usePolicy)) {
    draft.reference({
      type: 'documentation',
      url: percentEncoded(path),
      comment: 'Usage policy',
      origin: { file: path, technique: 'filename' },
    });
  }
  for (const { value, origin } of draft.baseModels) {
    const family = bindingFamilies.find(([pattern]) => pattern.test(value.name))?.[1];
    if (family !== undefined)
      draft.inheritedLicences.push({
        value: licenceNamed(family),
        origin: { ...origin, at: `base model ${value.name}` },
      });
  }
  noteConflicts(draft);
}

function noteConflicts(draft: Draft): void {
  const [declared] = draft.declaredLicences;
  for (const { value, origin } of draft.foundLicences) {
    if (
      declared &&
      !sameLicence(declared.value, value) &&
      !draft.declaredLicences.some((each) => sameLicence(each.value, value))
    )
      draft.note(
        `${declared.origin.file} says the licence is ${declared.value.name}, and the text of ${origin.file} is that of ${value.name}.`,
      );
  }
  const own = declared ?? draft.foundLicences[0];
  for (const { value, origin } of draft.inheritedLicences) {
    if (own && !sameLicence(own.value, value))
      draft.note(
        `The licence is given as ${own.value.name}, and the ${origin.at} comes under the ${value.name}, which binds what is made of it.`,
      );
    else if (!own)
      draft.note(
        `No licence is given, and the ${origin.at} comes under the ${value.name}, which binds what is made of it.`,
      );
  }
}

/** `-only`, `-or-later` and the bare number are told apart by what the card says, and not by the text. */
function sameLicence(a: Licence, b: Licence): boolean {
  const key = ({ id, name }: Licence) => (id ?? name).toLowerCase().replace(/-(?:only|or-later)$|\+$/, '');
  return key(a) === key(b);
}
