import { elementType, storageElementType, untypedBytes, type ElementType } from './dtypes.ts';
import { Refusal } from './refusal.ts';
import type {
  GlobalValue,
  InertValue,
  StorageValue,
  TensorValue,
  TupleValue,
  UnconvertibleValue,
  Value,
} from './values.ts';

type Rebuild = (args: readonly Value[], offset: number) => Value;

/**
 * What the calls of a checkpoint mean: the few functions of PyTorch that put a tensor together from a storage, and the
 * containers of the standard library. Signatures: torch/_utils.py, torch/_tensor.py.
 */
const rebuilds: Record<string, Rebuild> = {
  'collections.OrderedDict': orderedDict,
  'collections.defaultdict': () => ({ kind: 'dict', entries: null }),
  'collections.Counter': (args) => (isKind(args[0], 'dict') ? args[0] : { kind: 'dict', entries: null }),
  'builtins.set': (args) => ({ kind: 'set', count: isKind(args[0], 'list') ? args[0].items.length : 0 }),
  'torch.Size': size,
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor2,
  'torch._utils._rebuild_tensor_v3': rebuildTensor3,
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch._utils._rebuild_parameter_with_state': rebuildParameter,
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
};
rebuilds['__builtin__.set'] = rebuilds['builtins.set']!;

const tensorRebuilds = /^torch\._utils\._rebuild_(tensor(_v[23])?|parameter(_with_state)?)$/;

/** Other rebuild functions of PyTorch give tensors of kinds that safetensors does not have. */
const otherTensors: Record<string, string> = {
  'torch._utils._rebuild_qtensor': 'a quantised tensor',
  'torch._utils._rebuild_sparse_tensor': 'a sparse tensor',
  'torch._utils._rebuild_sparse_csr_tensor': 'a sparse tensor',
  'torch._utils._rebuild_nested_tensor': 'a nested tensor',
  'torch._utils._rebuild_meta_tensor_no_storage': 'a meta tensor, which has no data',
  'torch._utils._rebuild_wrapper_subclass': 'a tensor subclass',
  'torch._utils._rebuild_device_tensor_from_numpy': 'a tensor of another device',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor': 'a tensor of another device',
  'torch._utils._rebuild_xla_tensor': 'a tensor of another device',
  'torch._tensor._rebuild_from_type': 'a tensor subclass',
};

/**
 * The result of calling a global, when its meaning is known; undefined when it must stay inert.
 * @throws {Refusal} when a function that is known gets arguments that PyTorch never gives it.
 */
export function callGlobal(callable: GlobalValue, args: readonly Value[], offset: number): Value | undefined {
  const name = `${callable.module}.${callable.name}`;
  if (Object.hasOwn(rebuilds, name)) return rebuilds[name]!(args, offset);
  if (Object.hasOwn(otherTensors, name)) return unconvertible(`${otherTensors[name]!}`, offset);
  return undefined;
}

/** A storage class, in any module of PyTorch: its loader looks only at the class name. */
export function storageClass(value: Value | undefined): ElementType | undefined {
  if (!isKind(value, 'global') || !/^torch(\.|$)/.test(value.module)) return undefined;
  return storageElementType(value.name);
}

/** A call in plain words, with constant arguments and all data cut short: `os.system("echo hi")`. */
export function describeCall(name: string, args: Value): string {
  const shown = isKind(args, 'tuple') ? args.items.slice(0, 3).map(describeArgument) : ['...'];
  if (isKind(args, 'tuple') && args.items.length > 3) shown.push('...');
  return `${printable(name, 120)}(${shown.join(', ')})`;
}

function describeArgument(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(printable(value, 60));
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value === null || typeof value === 'boolean') return value === null ? 'None' : value ? 'True' : 'False';
  if (value.kind === 'global') return printable(`${value.module}.${value.name}`, 60);
  return '...';
}

const printable = (text: string, longest: number): string => {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;

  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
};

type Kinded = Extract<Value, { kind: string }>;

export function isKind<K extends Kinded['kind']>(
  value: Value | undefined,
  kind: K,
): value is Extract<Kinded, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

function orderedDict(args: readonly Value[], offset: number): Value {
  if (args.length === 0) return { kind: 'dict', entries: null };
  const pairs = args[0];
  if (isKind(pairs, 'list') && args.length === 1) {
    const entries = new Map<Value, Value>();
    const whole = pairs.items.every((pair) => {
      if (!(isKind(pair, 'list') || isKind(pair, 'tuple')) || pair.items.length !== 2) return false;
      const key = pair.items[0]!;
      entries.set(typeof key === 'boolean' ? Number(key) : key, pair.items[1]!);
      return true;
    });
    if (whole) return { kind: 'dict', entries };
  }
  throw new Refusal('OrderedDict is not called with pairs', offset);
}

function size(args: readonly Value[], offset: number): Value {
  const items = args[0];
  if (args.length === 1 && (isKind(items, 'tuple') || isKind(items, 'list')))
    return { kind: 'tuple', items: items.items };
  throw new Refusal('torch.Size is not called with sizes', offset);
}

function rebuildTensor(args: readonly Value[], offset: number): Value {
  if (args.length !== 4) throw new Refusal('_rebuild_tensor does not have four arguments', offset);
  return tensor(args, null, offset);
}

function rebuildTensor2(args: readonly Value[], offset: number): Value {
  if (args.length !== 6 && args.length !== 7) {
    throw new Refusal('_rebuild_tensor_v2 does not have six or seven arguments', offset);
  }
  checkHooks(args[5], offset);
  return withMetadata(tensor(args, null, offset), args[6], offset);
}

function rebuildTensor3(args: readonly Value[], offset: number): Value {
  if (args.length !== 7 && args.length !== 8) {
    throw new Refusal('_rebuild_tensor_v3 does not have seven or eight arguments', offset);
  }
  checkHooks(args[5], offset);
  const dtype = args[6];
  const type = isKind(dtype, 'global') && dtype.module === 'torch' ? elementType(dtype.name) : undefined;
  if (!type) {
    const name = isKind(dtype, 'global') ? printable(`${dtype.module}.${dtype.name}`, 60) : 'no name';
    throw new Refusal(`a tensor's element type is not known: ${name}`, offset);
  }
  return withMetadata(tensor(args, type, offset), args[7], offset);
}

function rebuildParameter(args: readonly Value[], offset: number): Value {
  if (args.length < 3) throw new Refusal('_rebuild_parameter has too few arguments', offset);
  checkHooks(args[2], offset);
  const data = args[0];
  if (isKind(data, 'tensor') || isKind(data, 'unconvertible')) return data;
  throw new Refusal('a parameter is rebuilt from what is not a tensor', offset);
}

function rebuildFromType(args: readonly Value[], offset: number): Value {
  const [func, cls, inner] = args;
  if (!isKind(func, 'global') || !isKind(cls, 'global') || !isKind(inner, 'tuple')) {
    throw new Refusal('_rebuild_from_type_v2 is not called with a function, a type and arguments', offset);
  }
  if (!tensorRebuilds.test(`${func.module}.${func.name}`)) {
    return unconvertible(`a tensor that ${printable(`${func.module}.${func.name}`, 80)} would make`, offset);
  }
  return callGlobal(func, inner.items, offset)!;
}

const unconvertible = (reason: string, offset: number): UnconvertibleValue => ({
  kind: 'unconvertible',
  reason,
  offset,
});

function tensor(args: readonly Value[], type: ElementType | null, offset: number): TensorValue | UnconvertibleValue {
  const storage = args[0];
  if (isKind(storage, 'unconvertible')) return storage;
  if (!isKind(storage, 'storage')) throw new Refusal('a tensor is rebuilt from what is not a storage', offset);
  const first = args[1];
  const shape = wholeNumbers(args[2], 'size', offset);
  const stride = wholeNumbers(args[3], 'stride', offset);
  if (typeof first !== 'number' || !Number.isSafeInteger(first) || first < 0) {
    throw new Refusal("a tensor's offset is not a whole number from 0", offset);
  }
  if (shape.length !== stride.length) throw new Refusal('a tensor has not as many strides as sizes', offset);
  // PyTorch itself stops at 64 dimensions.
  if (shape.length > 64) throw new Refusal('a tensor has more than 64 dimensions', offset);
  if (shape.reduce((product, each) => product * each, 1) > Number.MAX_SAFE_INTEGER / 16) {
    throw new Refusal('a tensor has more elements than can be counted', offset);
  }
  const element = type ?? storage.type;
  if (element === untypedBytes) throw new Refusal('a tensor of an untyped storage brings no element type', offset);
  if (element.safetensors === null) {
    return unconvertible(`a tensor of ${element.torch}, which safetensors has no type for`, offset);
  }
  return { kind: 'tensor', storage, type: element, offset: first, shape, stride, pickleOffset: offset };
}

/** The last lists of sizes and of strides: the tensors of a model have few shapes, and share them when they are alike. */
const alike: { size: readonly number[]; stride: readonly number[] } = { size: [], stride: [] };

function wholeNumbers(value: Value | undefined, what: 'size' | 'stride', offset: number): readonly number[] {
  if (!isKind(value, 'tuple') && !isKind(value, 'list')) throw new Refusal(`a tensor's ${what} is no tuple`, offset);
  const known = alike[what];
  if (value.items.length === known.length && known.every((each, index) => value.items[index] === each)) return known;
  const numbers = value.items.map((each) => {
    if (typeof each !== 'number' || !Number.isSafeInteger(each) || each < 0) {
      throw new Refusal(`a tensor's ${what} is not made of whole numbers from 0`, offset);
    }
    return each;
  });
  alike[what] = numbers;
  return numbers;
}

function checkHooks(hooks: Value | undefined, offset: number): void {
  if (hooks === null || (isKind(hooks, 'dict') && (hooks.entries?.size ?? 0) === 0)) return;
  throw new Refusal('a tensor brings backward hooks, which are code', offset);
}

/** `conj` and `neg` are lazy: the stored bytes are not the values. */
function withMetadata<T extends TensorValue | UnconvertibleValue>(
  made: T,
  metadata: Value | undefined,
  offset: number,
): T | UnconvertibleValue {
  if (metadata === undefined || metadata === null) return made;
  if (!isKind(metadata, 'dict')) throw new Refusal("a tensor's metadata is no dictionary", offset);
  for (const [key, value] of metadata.entries ?? []) {
    if (value === false) continue;
    const name = typeof key === 'string' ? printable(key, 40) : 'a property';
    return unconvertible(`a tensor with ${name} set, whose values are not the stored ones`, offset);
  }
  return made;
}

/** `('storage', class, key, location, elements[, view])`, the only persistent id that names tensor data. */
export function storageFromId(id: Value, layout: 'zip' | 'legacy', offset: number): StorageValue {
  if (!isKind(id, 'tuple')) throw new Refusal('a persistent id is no tuple', offset);
  const [kind, cls, key, , elements, view] = id.items;
  if (kind !== 'storage') throw new Refusal('a persistent id is not of a storage', offset);
  if (id.items.length !== (layout === 'zip' ? 5 : 6)) throw new Refusal('a storage id has a wrong length', offset);
  const type = storageClass(cls);
  if (!type) throw new Refusal("a storage's class is not one of PyTorch's", offset);
  if (typeof key !== 'string') throw new Refusal("a storage's key is no text", offset);
  if (!isCount(elements)) throw new Refusal("a storage's length is not a whole number from 0", offset);
  const whole: StorageValue = {
    kind: 'storage',
    key,
    type,
    elements,
    viewStart: 0,
    viewElements: elements,
    pickleOffset: offset,
  };
  if (view === undefined || view === null) return whole;
  const part = viewOf(view);
  if (!part || part.start + part.elements > elements)
    throw new Refusal('a view of a storage leaves the storage', offset);
  return { ...whole, viewStart: part.start, viewElements: part.elements };
}

/** `('module', class, source file, source)`: a whole module was saved, and its source code with it. */
export function moduleFromId(id: Value, offset: number): InertValue | null {
  if (!isKind(id, 'tuple') || id.items[0] !== 'module') return null;
  const cls = id.items[1];
  const name = isKind(cls, 'global') ? `${cls.module}.${cls.name}` : null;
  return { kind: 'inert', what: `is the class ${name ?? 'of a module'}, with its source code`, name, offset };
}

function viewOf(view: Value): { start: number; elements: number } | null {
  const [, start, elements] = isKind(view, 'tuple') ? (view satisfies TupleValue).items : [];
  return isCount(start) && isCount(elements) ? { start, elements } : null;
}

const isCount = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER / 16;
