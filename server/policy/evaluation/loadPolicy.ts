import * as opaWasm from '@open-policy-agent/opa-wasm';
import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import { hostBuiltins } from '../builtins/index.ts';
import { BuiltinError, readValue, writeValue } from '../builtins/value.ts';

/** The package exports everything as its default, which its types do not know. */
const { LoadedPolicy } = (opaWasm as unknown as { default: typeof opaWasm }).default;

/** What a compiled policy exports beside what opa-wasm uses (https://www.openpolicyagent.org/docs/wasm#exports). */
interface PolicyExports {
  opa_wasm_abi_version: WebAssembly.Global;
  opa_wasm_abi_minor_version: WebAssembly.Global;
  builtins(): number;
  opa_json_dump(address: number): number;
  opa_value_dump(address: number): number;
  opa_value_parse(address: number, length: number): number;
  opa_malloc(length: number): number;
}

/** WebAssembly's page, in bytes. */
const pageSize = 65_536;
const leastPages = 5;

/** What an evaluation may take at most: 256 MiB. */
const mostPages = 4096;

/**
 * Loads a compiled policy. opa-wasm evaluates it; the calls of built-in functions are ours, because opa-wasm hands
 * values over as JSON, in which sets, large integers and keys that are not strings are lost, and because its own
 * `sprintf`, which cannot be replaced, prints `[object Object]`.
 */
export function loadPolicy(wasm: Uint8Array): (input: Json, data?: Json) => Json {
  const module = new WebAssembly.Module(wasm);
  // Its constants are loaded into the memory, and are no longer than the whole.
  const initial = leastPages + Math.ceil(wasm.length / pageSize);
  const memory = new WebAssembly.Memory({ initial, maximum: Math.max(initial, mostPages) });
  const text = new TextDecoder();
  let names: string[] = [];

  const textAt = (address: number): string => {
    const bytes = new Uint8Array(memory.buffer, address);
    return text.decode(bytes.subarray(0, bytes.indexOf(0)));
  };
  const call = (id: number, _context: number, ...operands: number[]): number => {
    const name = names[id] ?? '';
    const builtin = hostBuiltins[name];
    if (!builtin) throw new WeighbridgeError('bad-input', `the policy calls ${name}, which is not available here`);
    try {
      const result = builtin(...operands.map((operand) => readValue(textAt(exports.opa_value_dump(operand)))));
      const bytes = Buffer.from(writeValue(result));
      const address = exports.opa_malloc(bytes.length);
      new Uint8Array(memory.buffer).set(bytes, address);
      return exports.opa_value_parse(address, bytes.length);
    } catch (error) {
      // As in OPA, a call that cannot be answered is undefined.
      if (error instanceof BuiltinError) return 0;
      throw error;
    }
  };
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      opa_abort: (address: number) => {
        throw new WeighbridgeError('refused', `the evaluation was stopped: ${textAt(address)}`);
      },
      opa_println: () => undefined,
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    },
  });
  const exports = instance.exports as unknown as PolicyExports;
  if (exports.opa_wasm_abi_version.value !== 1) throw new Error('unsupported ABI version of the policy');
  const ids = JSON.parse(textAt(exports.opa_json_dump(exports.builtins()))) as Record<string, number>;
  names = [];
  for (const [name, id] of Object.entries(ids)) names[id] = name;

  const policy = new LoadedPolicy(
    instance as unknown as WebAssembly.WebAssemblyInstantiatedSource,
    memory,
    exports.opa_wasm_abi_minor_version.value,
  );
  return (input, data = {}) => {
    policy.setData(data as object);
    // A falsy input would be none at all for opa-wasm: it goes as the text that it is.
    const bytes = new TextEncoder().encode(JSON.stringify(input));
    const results = policy.evaluate(bytes.buffer) as { result: Json }[];
    return results[0]?.result ?? null;
  };
}
