import type { TensorFact } from '../facts.ts';
import type { ByteSource } from '../source.ts';
import { MsgpackBreak, MsgpackTokens, type Token } from './token.ts';

/** Extension types of Flax: an array, a complex number, a scalar of NumPy. Source: flax/serialization.py. */
export const flaxArray = 1;
export const flaxComplex = 2;
export const flaxScalar = 3;

/** Dimensions that NumPy allows. */
const mostDimensions = 64;

/** Element types by NumPy's name: safetensors' name and bytes. Flax wrote `V2` for bfloat16. Source: ml_dtypes. */
const dtypes: Record<string, readonly [name: string, bytes: number]> = {
  bool: ['BOOL', 1],
  int4: ['int4', 1],
  uint4: ['uint4', 1],
  int8: ['I8', 1],
  uint8: ['U8', 1],
  int16: ['I16', 2],
  uint16: ['U16', 2],
  int32: ['I32', 4],
  uint32: ['U32', 4],
  int64: ['I64', 8],
  uint64: ['U64', 8],
  float8_e4m3fn: ['F8_E4M3', 1],
  float8_e5m2: ['F8_E5M2', 1],
  float8_e4m3b11fnuz: ['float8_e4m3b11fnuz', 1],
  float8_e4m3fnuz: ['float8_e4m3fnuz', 1],
  float8_e5m2fnuz: ['float8_e5m2fnuz', 1],
  float16: ['F16', 2],
  bfloat16: ['BF16', 2],
  V2: ['BF16', 2],
  void16: ['BF16', 2],
  float32: ['F32', 4],
  float64: ['F64', 8],
  complex64: ['C64', 8],
  complex128: ['complex128', 16],
};

/**
 * Reads the payload of an extension that is an array: a list of shape, name of the element type and bytes.
 * @throws {MsgpackBreak} when it is no array, or the bytes are not what the shape needs.
 */
export function readFlaxArray(source: ByteSource, { offset, size }: Token, start: number, name: string): TensorFact {
  const tokens = new MsgpackTokens(source, start, start + size);
  const wrong = (message: string): MsgpackBreak => new MsgpackBreak('array', offset, message);
  const outer = tokens.next();
  if (outer.what !== 'list' || outer.size !== 3) throw wrong('an array is not a list of shape, type and bytes');
  const dimensions = tokens.next();
  if (dimensions.what !== 'list' || dimensions.size > mostDimensions)
    throw wrong('the shape of an array is no list of sizes');
  const shape: number[] = [];
  for (let left = dimensions.size; left > 0; left--) {
    const { what, value } = tokens.next();
    if (what !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw wrong('a size in a shape is no whole number');
    shape.push(value);
  }
  const type = tokens.next();
  if (type.what !== 'text' && type.what !== 'bytes') throw wrong('the element type of an array is no name');
  const written = tokens.text(type.size, 64);
  const data = tokens.next();
  if (data.what !== 'bytes' && data.what !== 'text') throw wrong('an array has no bytes');
  const at = tokens.position;
  tokens.skip(data.size);
  if (tokens.left !== 0) throw wrong(`${tokens.left} bytes stand behind the data of an array`);
  const [dtype, bytes] = dtypes[written] ?? elementOf(written);
  if (bytes === 0) throw wrong(`an array has the element type ${JSON.stringify(written)}, which holds no numbers`);
  const needed = shape.reduce((product, dimension) => product * dimension, bytes);
  if (needed !== data.size)
    throw wrong(`an array of shape [${shape.join(', ')}] needs ${needed} bytes and has ${data.size}`);
  return { name, dtype, shape, bytes: data.size, offset: at };
}

/** Texts of a fixed length have their bits in the name. */
function elementOf(written: string): readonly [string, number] {
  const bits = /^(?:str|bytes|void)([1-9]\d{0,6})$/.exec(written)?.[1];
  if (bits !== undefined && Number(bits) % 8 === 0) return [written, Number(bits) / 8];
  return [written, /^(?:datetime64|timedelta64)(?:\[\w+\])?$/.test(written) ? 8 : 0];
}
