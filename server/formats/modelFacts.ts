import type { GgufFacts } from './gguf/facts.ts';
import type { Hdf5Facts } from './hdf5/facts.ts';
import type { KerasFacts } from './keras/facts.ts';
import type { MsgpackFacts } from './msgpack/facts.ts';
import type { NamesFacts } from './names/facts.ts';
import type { RdsFacts } from './rds/facts.ts';
import type { TemplateFacts } from './template/facts.ts';

/** Formats of models and of what stands beside them, whose facts have their own shapes. */
export type ModelFormat = 'hdf5' | 'keras' | 'gguf' | 'template' | 'nemo' | 'torchserve' | 'skops' | 'rds' | 'msgpack';

/** The facts of those, by kind. */
export interface ModelFactKinds {
  hdf5: Hdf5Facts;
  keras: KerasFacts;
  gguf: GgufFacts;
  template: TemplateFacts;
  names: NamesFacts;
  rds: RdsFacts;
  msgpack: MsgpackFacts;
}

export type ModelFacts = ModelFactKinds[keyof ModelFactKinds];
