import { launchesIn } from '../../formats/text/launches.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { callsTo, callsWith } from '../../formats/text/pythonCalls.ts';
import type { PythonSubject, TextSubject } from '../text.ts';
import type { ImportedName } from './importedNames.ts';

/** Keys of Hydra, torchtune and Lightning whose value is imported, in a dictionary of Python as in a configuration. */
const keys = ['_target_', '_component_', 'class_path'] as const;

/** What Hydra imports by a name that is handed to it. Source: hydra/utils.py. */
const lookups = /^hydra\.(?:utils|_internal\.utils)\.(?:get_(?:class|method|static_method|object)|_locate)$/;

/** `callback._target_: name` in a text of YAML, `callback._target_=name` of an override. */
const written = /(?:^|[\s{,.+~"'])(_target_|_component_|class_path)["']?\s*[:=]\s*["']?([A-Za-z_][\w.]*)/g;

/**
 * Names that Python code has a framework import: `OmegaConf.create({"_target_": "os.system"})`, `instantiate(...)`, a configuration in a string, an
 * override (`["callback._target_=os.system"]`), and `hydra.utils.get_method("os.system")`.
 */
export function* namesInCode(text: PythonSubject): Generator<ImportedName> {
  const { calls, strings } = text;
  for (const key of keys) {
    for (const { keywords } of callsWith(calls, key)) {
      const name = keywords[key];
      if (typeof name?.value === 'string') yield { name: name.value, path: key, range: name.innerRange ?? name.range };
    }
  }
  for (const { positional, keywords } of callsTo(calls, lookups)) {
    const name = positional[0] ?? keywords['path'];
    if (typeof name?.value === 'string') yield { name: name.value, path: '', range: name.innerRange ?? name.range };
  }
  for (const { value, innerRange } of strings) {
    if (!/_target_|_component_|class_path/.test(value)) continue;
    for (const [, path = '', name = ''] of value.matchAll(written)) yield { name, path, range: innerRange };
  }
}

/** Overrides of a command line: `python train.py +callback._target_=os.system`. */
export function* namesInCommands(text: TextSubject): Generator<ImportedName> {
  const said = new Set<TextRange>();
  for (const { words } of launchesIn(text, text.path)) {
    for (const { value, range } of words) {
      const match = /^[\w.@/+~-]*?(_target_|_component_|class_path)=["']?([A-Za-z_][\w.]*)/.exec(value);
      if (!match || said.has(range)) continue;
      said.add(range);
      yield { name: match[2] ?? '', path: match[1] ?? '', range };
    }
  }
}
