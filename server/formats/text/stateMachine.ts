import { mappingsIn, nodeAt, textAt } from './configTree.ts';
import type { ConfigMapping, ConfigNode } from './facts.ts';

/** A request to SageMaker that a state of a state machine sends. */
export interface SageMakerRequest {
  /** As the API calls it, in small letters at its beginning: `createTrainingJob`. */
  action: string;
  /** What is sent; a key that ends in `.$` takes its value from the input. */
  node: ConfigMapping;
  /** The state that sends it. */
  state: ConfigMapping;
}

/**
 * Requests of the states of a document, those inside of `Map` and `Parallel` and of state machines in a template among them. Source: the Amazon States Language
 * (states-language.net) and docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html: `Parameters`, or `Arguments` where JSONata is the language.
 */
export function sageMakerRequests(document: ConfigNode): SageMakerRequest[] {
  return mappingsIn(document).flatMap(({ node: state }) => {
    const resource = textAt(state, 'Resource');
    const action = resource === undefined ? undefined : service.exec(resource)?.[1];
    const node = nodeAt(state, 'Parameters') ?? nodeAt(state, 'Arguments');
    return action !== undefined && node?.kind === 'mapping' ? [{ action, node, state }] : [];
  });
}

/** `arn:aws:states:::sagemaker:createTrainingJob.sync`, `arn:${AWS::Partition}:states:::aws-sdk:sagemaker:createNotebookInstance`. */
const service = /^arn:\S+:states:::(?:aws-sdk:)?sagemaker:(create\w+)(?:\.\w+)?$/;
