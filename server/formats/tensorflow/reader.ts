import { GraphCollector } from '../graph/collector.ts';
import type { GraphFormat } from '../graph/facts.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import { ProtobufWalk } from '../protobuf/walk.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { TensorflowGraph } from './graph.ts';
import { readKerasMetadata } from './kerasMetadata.ts';
import { isTextGraph, readTextGraph } from './textGraph.ts';

/** Reads a SavedModel, `saved_model.pb`: its operators, and the paths that they are given. Field numbers: saved_model.proto. */
export const readSavedModel: Reader = (source, context) => {
  const file = new TensorflowFile(source, context, 'tf-saved-model');
  const model = file.walk.message();
  while (model.next()) {
    if (model.field === 1) file.found.property('schema version', String(model.signed));
    else if (model.field === 2) file.metaGraph(() => model.nested());
  }
  file.found.finish();
};

/** Reads a MetaGraphDef, the `.meta` beside a TensorFlow 1 checkpoint. */
export const readMetaGraph: Reader = (source, context) => {
  const file = new TensorflowFile(source, context, 'tf-meta-graph');
  file.metaGraph(() => file.walk.message());
  file.found.finish();
};

/** Reads a GraphDef: a frozen graph, or one that stands in a string of another. */
export const readTensorflowGraph: Reader = (source, context) => {
  if (isTextGraph(source.read(0, 600))) return readTextGraph(source, context);
  const file = new TensorflowFile(source, context, 'tf-graph');
  file.graph(() => file.walk.message(), new Set());
  file.found.finish();
};

/** Reads `keras_metadata.pb`, the layers' configurations beside a SavedModel. Field numbers: keras, saved_metadata.proto. */
export const readKerasMetadataFile: Reader = (source, context) => {
  const file = new TensorflowFile(source, context, 'keras-metadata');
  const metadata = file.walk.message();
  while (metadata.next()) {
    if (metadata.field !== 1) continue;
    const node = metadata.nested();
    while (node.next()) if (node.field === 5) readKerasMetadata(node, file.found, context);
  }
  file.found.finish();
};

class TensorflowFile {
  readonly walk: ProtobufWalk;
  readonly found: GraphCollector;
  readonly #context: ReadContext;

  constructor(source: ByteSource, context: ReadContext, format: GraphFormat) {
    this.walk = new ProtobufWalk(source, context);
    this.found = new GraphCollector(context, format);
    this.#context = context;
  }

  /** MetaGraphDef. Files that the model brings are looked up first: the constants that name them are replaced at loading. */
  metaGraph(open: () => MessageCursor): void {
    const assets = new Set<string>();
    for (const fields = open(); fields.next();) if (fields.field === 6) this.#asset(fields, assets);
    for (const fields = open(); fields.next();) {
      switch (fields.field) {
        case 1:
          this.#information(fields.nested());
          break;
        case 2:
          this.graph(() => fields.nested(), assets);
          break;
        case 5:
          this.#signature(fields.nested());
          break;
        case 7:
          this.#objects(fields.nested());
          break;
      }
    }
  }

  graph(open: () => MessageCursor, assets: ReadonlySet<string>): void {
    new TensorflowGraph(this.found, this.#context, assets).read(open);
  }

  /** AssetFileDef: a tensor and the file that it is to name. */
  #asset(field: MessageCursor, assets: Set<string>): void {
    let tensor = '';
    let file = '';
    for (const asset = field.nested(); asset.next();) {
      if (asset.field === 2) file = asset.text();
      else if (asset.field === 1)
        for (const info = asset.nested(); info.next();) if (info.field === 1) tensor = info.text();
    }
    if (assets.size < 10_000) assets.add(tensor.replace(/:\d+$/, ''));
    this.found.reference('asset', tensor, file, field.offset);
  }

  #information(info: MessageCursor): void {
    const tags: string[] = [];
    while (info.next()) {
      if (info.field === 4 && tags.length < 100) tags.push(info.text(256));
      else if (info.field === 5) this.found.property('TensorFlow', info.text(256));
    }
    if (tags.length > 0) this.found.property('tags', tags.join(', '));
  }

  #signature(entry: MessageCursor): void {
    while (entry.next()) if (entry.field === 1) this.found.property(`signature ${entry.text(256)}`, 'yes');
  }

  /** SavedObjectGraph: until TensorFlow 2.4 the layers' configurations stand here. Field numbers: saved_object_graph.proto. */
  #objects(graph: MessageCursor): void {
    while (graph.next()) {
      if (graph.field !== 1) continue;
      for (const object = graph.nested(); object.next();) {
        if (object.field !== 4) continue;
        for (const user = object.nested(); user.next();)
          if (user.field === 3) readKerasMetadata(user, this.found, this.#context);
      }
    }
  }
}
