import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { readZip } from '../zip/reader.ts';
import { addKerasConfiguration } from './configuration.ts';

/** Bytes of a configuration that are read; the largest models in use have a few hundred thousand. */
const longestConfiguration = 32 << 20;

/** Documents of a `.keras` archive that Keras deserializes. Source: keras/src/saving/saving_lib.py. */
const documents =
  /^(?:config|compile_config|build_config|metadata|training_config|preprocessor|tokenizer|task|image_converter)\.json$/i;

/** Reads a Keras archive: what any archive holds, and what its configurations name. */
export const readKeras: Reader = (source, context) => {
  readZip(source, {
    entry: context.entry,
    name: context.name,
    depth: context.depth,
    parent: context.parent,
    budget: context.budget,
    add: (part) => context.add(part),
    problem: (problem) => context.problem(problem),
    descend(child, name, parent) {
      const isDocument = documents.test(name.slice(name.lastIndexOf('/') + 1));
      if (isDocument) readConfiguration(child, name, context);
      context.descend(child, name, isDocument ? 'keras' : parent);
    },
  });
};

function readConfiguration(source: ByteSource, name: string, context: ReadContext): void {
  const entry = context.entry === '' ? name : `${context.entry}!${name}`;
  const inner: ReadContext = {
    entry,
    name,
    depth: context.depth,
    parent: 'keras',
    budget: context.budget,
    add: (part) => context.add(part),
    problem: (problem) => context.problem({ ...problem, message: `${problem.message} (in ${JSON.stringify(name)})` }),
    descend: (child, below, parent) => context.descend(child, below, parent),
  };
  if (source.size > longestConfiguration) {
    const message = `the configuration is longer than ${longestConfiguration} bytes, and was not read`;
    inner.problem({ code: 'limit-memory', offset: null, message, incomplete: true });
    return;
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, source.size));
  addKerasConfiguration(inner, name, text, 0);
}
