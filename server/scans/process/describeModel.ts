import type { OnnxValue } from '../onnx/graph.ts';
import { ModelFile } from '../runtime/modelFile.ts';
import { loadOnnxRuntime } from '../runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from '../runtime/providers.ts';
import { Session } from '../runtime/session.ts';

export interface DescribeJob {
  model: string;
  provider: ProviderRequest;
}

/** What a model takes and gives, and who can run it. */
export interface ModelDescription {
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  provider: ProviderReport;
}

/** Loads a model, and runs nothing. @throws {WeighbridgeError} */
export async function describeModel({ model, provider }: DescribeJob): Promise<ModelDescription> {
  const file = new ModelFile(model);
  try {
    const session = await Session.open(loadOnnxRuntime(), () => file.with(null), { provider });
    await session.close();
    return { inputs: file.graph.inputs, outputs: file.graph.outputs, provider: session.provider };
  } finally {
    file.close();
  }
}
