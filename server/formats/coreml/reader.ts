import { GraphCollector } from '../graph/collector.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import { ProtobufWalk } from '../protobuf/walk.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';

/** Reads a Core ML model: layers, custom layers by class, and the files that hold its weights. Field numbers: coremltools, Model.proto. */
export const readCoreml: Reader = (source, context) => new CoremlModel(source, context).read();

/** What a model is, by the number of its field in `Model.Type`. */
const kinds: Record<number, string> = {
  200: 'pipeline classifier',
  201: 'pipeline regressor',
  202: 'pipeline',
  300: 'GLM regressor',
  301: 'support vector regressor',
  302: 'tree ensemble regressor',
  303: 'neural network regressor',
  304: 'Bayesian probit regressor',
  400: 'GLM classifier',
  401: 'support vector classifier',
  402: 'tree ensemble classifier',
  403: 'neural network classifier',
  404: 'k-nearest neighbours',
  500: 'neural network',
  501: 'item similarity recommender',
  502: 'ML program',
  555: 'custom model',
  556: 'linked model',
  600: 'one-hot encoder',
  601: 'imputer',
  602: 'feature vectorizer',
  603: 'dictionary vectorizer',
  604: 'scaler',
  606: 'categorical mapping',
  607: 'normalizer',
  609: 'array feature extractor',
  610: 'non-maximum suppression',
  900: 'identity',
  2000: 'text classifier',
  2001: 'word tagger',
  2002: 'vision feature print',
  2003: 'sound analysis preprocessing',
  2004: 'gazetteer',
  2005: 'word embedding',
  2006: 'audio feature print',
  3000: 'serialized model',
};

class CoremlModel {
  readonly #walk: ProtobufWalk;
  readonly #found: GraphCollector;

  constructor(source: ByteSource, context: ReadContext) {
    this.#walk = new ProtobufWalk(source, context);
    this.#found = new GraphCollector(context, 'coreml');
  }

  read(): void {
    this.#model(this.#walk.message(), '');
    this.#found.finish();
  }

  #model(model: MessageCursor, where: string): void {
    while (model.next()) {
      const { field, offset } = model;
      if (field === 1 && where === '') this.#found.property('specification version', String(model.value));
      else if (field === 2 && where === '') this.#description(model.nested());
      else if (field >= 200) this.#kind(model, offset, where);
    }
  }

  #kind(model: MessageCursor, offset: number, where: string): void {
    const kind = kinds[model.field] ?? `type ${model.field}`;
    this.#found.property(where === '' ? 'kind' : `kind of ${where}`, kind);
    switch (model.field) {
      case 200:
      case 201:
        for (const pipeline = model.nested(); pipeline.next();)
          if (pipeline.field === 1) this.#pipeline(pipeline.nested(), where);
        break;
      case 202:
        this.#pipeline(model.nested(), where);
        break;
      case 303:
      case 403:
      case 500:
        this.#network(model.nested(), where);
        break;
      case 502:
        this.#program(model.nested(), where);
        break;
      case 555:
        this.#custom(model.nested(), offset, 'custom model');
        break;
      case 556:
        for (const link = model.nested(); link.next();) if (link.field === 1) this.#linked(link.nested(), offset);
        break;
    }
  }

  #pipeline(pipeline: MessageCursor, where: string): void {
    let index = 0;
    while (pipeline.next())
      if (pipeline.field === 1)
        this.#model(pipeline.nested(), `${where === '' ? 'model' : where} ${index++}`.slice(0, 256));
  }

  /** LinkedModelFile: a name, and folders to look in. */
  #linked(file: MessageCursor, offset: number): void {
    while (file.next())
      for (const parameter = file.nested(); parameter.next();)
        if (parameter.field === 1) this.#found.reference('data', 'linked model', parameter.text(), offset);
  }

  /** The layers' kinds are field numbers; custom ones name a class. */
  #network(network: MessageCursor, where: string): void {
    while (network.next()) {
      if (network.field !== 1) continue;
      let name = '';
      for (const layer = network.nested(); layer.next();) {
        if (layer.field === 1) name = layer.text(256);
        else if (layer.field === 500) {
          this.#found.operator('custom', name, network.offset, where);
          this.#custom(layer.nested(), layer.offset, name);
        } else if (layer.field >= 100) this.#found.operator('', `layer ${layer.field}`, network.offset, where);
      }
    }
  }

  #custom(parameters: MessageCursor, offset: number, name: string): void {
    while (parameters.next())
      if (parameters.field === 10) this.#found.reference('class', name, parameters.text(), offset);
  }

  /** MILSpec.Program: functions of blocks of operations. Field numbers: MIL.proto. */
  #program(program: MessageCursor, where: string): void {
    while (program.next()) {
      if (program.field !== 2) continue;
      let name = '';
      for (const entry = program.nested(); entry.next();) {
        if (entry.field === 1) name = entry.text(256);
        else if (entry.field === 2)
          for (const definition = entry.nested(); definition.next();)
            if (definition.field === 3)
              for (const block = definition.nested(); block.next();)
                if (block.field === 2) this.#block(block.nested(), name === 'main' ? where : `function ${name}`);
      }
    }
  }

  #block(block: MessageCursor, where: string): void {
    while (block.next()) if (block.field === 3) this.#operation(block.nested(), block.offset, where);
  }

  #operation(operation: MessageCursor, offset: number, where: string): void {
    let type = '';
    while (operation.next()) {
      switch (operation.field) {
        case 1:
          type = operation.text(256);
          break;
        case 2:
          this.#argument(operation.nested(), type);
          break;
        case 4:
          this.#block(operation.nested(), where);
          break;
        case 5:
          this.#entry(operation.nested(), type);
          break;
      }
    }
    this.#found.operator(type === 'custom_layer' ? 'custom' : '', type, offset, where);
  }

  /** inputs: map of Argument, whose bindings may hold a value. */
  #argument(entry: MessageCursor, type: string): void {
    while (entry.next()) {
      if (entry.field !== 2) continue;
      for (const argument = entry.nested(); argument.next();)
        for (const binding = argument.nested(); binding.next();)
          if (binding.field === 2) this.#value(binding.nested(), type, '');
    }
  }

  /** attributes: map of Value. */
  #entry(entry: MessageCursor, type: string): void {
    let key = '';
    while (entry.next()) {
      if (entry.field === 1) key = entry.text(256);
      else if (entry.field === 2) this.#value(entry.nested(), type, key);
    }
  }

  #value(value: MessageCursor, type: string, key: string): void {
    while (value.next()) {
      if (value.field === 5) {
        for (const blob = value.nested(); blob.next();)
          if (blob.field === 1) this.#found.reference('data', type, blob.text(), blob.offset);
      } else if (value.field === 3 && key === 'class_name') {
        // immediateValue.tensor.strings.values
        for (const immediate = value.nested(); immediate.next();)
          for (const tensor = immediate.nested(); tensor.next();)
            for (const strings = tensor.nested(); strings.next();)
              if (strings.delimited) this.#found.reference('class', type, strings.text(), strings.offset);
      }
    }
  }

  /** ModelDescription.metadata: texts and a map of the author's own. */
  #description(description: MessageCursor): void {
    const texts: Record<number, string> = { 1: 'description', 2: 'version', 3: 'author', 4: 'license' };
    while (description.next()) {
      if (description.field !== 100) continue;
      for (const metadata = description.nested(); metadata.next();) {
        const key = texts[metadata.field];
        if (key !== undefined) this.#found.metadata(key, metadata.text(1 << 16));
        else if (metadata.field === 100) {
          let name = '';
          let value = '';
          for (const entry = metadata.nested(); entry.next();) {
            if (entry.field === 1) name = entry.text();
            else if (entry.field === 2) value = entry.text(1 << 16);
          }
          this.#found.metadata(name, value);
        }
      }
    }
  }
}
