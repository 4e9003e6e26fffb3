import { Hdf5Break, type Block } from './block.ts';

/* HDF5 File Format Specification Version 3.0, IV.A.2.d "The Datatype Message" and IV.A.2.b "The Dataspace Message". */

export interface Hdf5Type {
  /** As safetensors names it, or `string`, `compound`, `reference`, `opaque`, `vlen`, ... */
  name: string;
  /** Bytes of one element. */
  size: number;
  /** Strings of variable length stand in the global heap. */
  variable: boolean;
  string: boolean;
  reference: boolean;
}

const type = (name: string, size: number): Hdf5Type => ({
  name,
  size,
  variable: false,
  string: false,
  reference: false,
});

export function readDatatype(body: Block, depth = 0): Hdf5Type {
  if (depth > 8) throw new Hdf5Break('limit-depth', body.position, 'types are nested too deep');
  const kind = body.u8() & 15;
  const bits = body.u8() | (body.u8() << 8) | (body.u8() << 16);
  const size = body.u32();
  switch (kind) {
    case 0:
      return type(`${bits & 8 ? 'I' : 'U'}${size * 8}`, size);
    case 1: {
      body.skip(4);
      // Two bytes with eight bits of exponent are bfloat16.
      body.skip(1);
      return type(size === 2 && body.u8() === 8 ? 'BF16' : `F${size * 8}`, size);
    }
    case 3:
      return { ...type('string', size), string: true };
    case 5:
      return type('opaque', size);
    case 6:
      return type('compound', size);
    case 7:
      return { ...type('reference', size), reference: true };
    case 8:
      return type('enum', size);
    case 9: {
      const string = (bits & 15) === 1;
      return { ...type(string ? 'string' : 'vlen', size), variable: true, string };
    }
    case 10: {
      const element = body.left > 8 ? arrayElement(body, depth) : null;
      return { ...type('array', size), reference: element?.reference ?? false };
    }
    default:
      return type(kind === 2 ? 'time' : kind === 4 ? 'bits' : 'other', size);
  }
}

function arrayElement(body: Block, depth: number): Hdf5Type {
  const dimensions = body.u8();
  body.skip(Math.min(body.left, dimensions * 4));
  return readDatatype(body, depth + 1);
}

/** Sizes of the dimensions; empty for a scalar. */
export function readDataspace(body: Block): number[] {
  const version = body.u8();
  const rank = body.u8();
  body.skip(version === 1 ? 6 : 2);
  if (version !== 1 && version !== 2)
    throw new Hdf5Break('unsupported', body.start, `a dataspace has version ${version}`);
  return Array.from({ length: rank }, () => body.length());
}
