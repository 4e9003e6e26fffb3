import { WeighbridgeError } from '../errors.ts';
import { providerNames, type ProviderRequest } from '../scans/runtime/providers.ts';

/** Who shall run models, as the setting of the editor says. @throws {WeighbridgeError} `bad-usage`. */
export function providerOf(name: string | undefined): ProviderRequest {
  if (name === undefined) return 'auto';
  const found = providerNames.find((each) => each === name);
  if (found !== undefined) return found;
  throw new WeighbridgeError(
    'bad-usage',
    `weighbridge.onnx.provider must be ${providerNames.join(', ')}, not "${name}".`,
  );
}
