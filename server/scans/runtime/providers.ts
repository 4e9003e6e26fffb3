import type { OnnxRuntime } from './onnxRuntime.ts';
import { firstLine } from './onnxRuntime.ts';

/** Who can run a model. The names are ONNX Runtime's. */
export const providerNames = ['auto', 'cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu'] as const;
export type ProviderRequest = (typeof providerNames)[number];
export type Provider = Exclude<ProviderRequest, 'auto'>;

/** What was asked for, what runs, and why not something else. */
export interface ProviderReport {
  requested: ProviderRequest;
  used: Provider;
  /** Providers that were tried and do not work here, with the reason. Those that could load the model failed at its first batch. */
  failed: { provider: Provider; reason: string; loaded?: true }[];
  /** Version of ONNX Runtime. */
  runtime: string;
}

/**
 * Providers in the order in which they are tried. WebGPU is never chosen by itself: ONNX Runtime calls it experimental. The CPU,
 * which can do everything, is last.
 */
export function candidates(requested: ProviderRequest, platform: NodeJS.Platform): Provider[] {
  if (requested !== 'auto') return requested === 'cpu' ? ['cpu'] : [requested, 'cpu'];
  if (platform === 'linux') return ['cuda', 'cpu'];
  if (platform === 'win32') return ['dml', 'cpu'];
  return ['cpu'];
}

/**
 * Opens something with the first provider that works. Each is asked for alone, because ONNX Runtime drops providers that it
 * does not have from a list without a word.
 * @throws the error of the last one, which is the CPU: then it is the model that does not work.
 */
export async function withFirstProvider<T>(
  runtime: OnnxRuntime,
  requested: ProviderRequest,
  open: (provider: Provider) => Promise<T>,
): Promise<{ value: T; report: ProviderReport }> {
  const failed: ProviderReport['failed'] = [];
  const compiled = new Set(runtime.listSupportedBackends().map(({ name }) => name));
  const order = candidates(requested, process.platform);
  for (const provider of order) {
    if (!compiled.has(provider)) {
      failed.push({
        provider,
        reason: `this build of ONNX Runtime (${process.platform}-${process.arch}) does not have it`,
      });
      continue;
    }
    try {
      return {
        value: await open(provider),
        report: { requested, used: provider, failed, runtime: runtime.env.versions.node ?? '' },
      };
    } catch (error) {
      if (provider === 'cpu') throw error;
      failed.push({ provider, reason: reasonOf((error as Error).message) });
    }
  }
  throw new Error('ONNX Runtime has no CPU provider');
}

/** What ONNX Runtime says, without the place in its sources and the condition that did not hold there. */
export function reasonOf(message: string): string {
  return firstLine(message.replace(/^.*? was false\. /, ''));
}

/**
 * What a person is told of it, in one sentence; null when there is nothing to tell.
 * @param gradients those of the sessions that gave gradients.
 */
export function providerNotice(report: ProviderReport, ...gradients: readonly ProviderReport[]): string | null {
  const { requested, used, failed } = report;
  const other = gradients.find((each) => each.used !== used);
  if (other !== undefined)
    return `Scores ran on ${used}, and gradients on ${other.used}: ${other.failed.at(-1)?.reason ?? 'it does not work there'}.`;
  if (requested === used) return null;
  if (requested === 'auto') {
    // That a machine has no CUDA is nothing to tell; that its results are wrong is.
    const wrong = failed.find(({ loaded }) => loaded);
    return wrong ? `It ran on ${used} and not on ${wrong.provider}: ${wrong.reason}` : null;
  }
  const reason = failed.find(({ provider }) => provider === requested)?.reason ?? 'it does not work here';
  return `It ran on ${used} and not on ${requested}, as was asked for: ${reason}`;
}
