import type { ByteSource } from './source.ts';

/** A program, or a library that programs load. */
export interface MachineCode {
  format: 'elf' | 'pe' | 'mach-o';
  /** Null for others, and where the file holds code for several. */
  architecture: 'x64' | 'arm64' | null;
}

/** By the number that each format has for it: `e_machine`, `Machine` and `cputype`. */
const architectures = {
  elf: { 62: 'x64', 183: 'arm64' },
  pe: { 0x8664: 'x64', 0xaa64: 'arm64' },
  'mach-o': { 0x01000007: 'x64', 0x0100000c: 'arm64' },
} as const;

/**
 * Tells machine code by its first bytes: ELF (System V ABI, 4.1), Mach-O in both byte orders and fat (but no Java class; mach-o/loader.h and
 * fat.h), and Windows programs by the two headers that they have (PE/COFF specification, 3).
 */
export function machineCode(source: ByteSource): MachineCode | null {
  const head = Buffer.from(source.read(0, 64));
  if (head.length < 16) return null;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    if (head.length < 20) return { format: 'elf', architecture: null };
    return found('elf', head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18));
  }
  if (magic === 0xfeedface || magic === 0xfeedfacf) return found('mach-o', head.readUInt32BE(4));
  if (magic === 0xcefaedfe || magic === 0xcffaedfe) return found('mach-o', head.readUInt32LE(4));
  if (magic === 0xcafebabe) return head.readUInt32BE(4) < 40 ? { format: 'mach-o', architecture: null } : null;
  if (head.length < 64 || head.readUInt16LE(0) !== 0x5a4d) return null;
  const second = Buffer.from(source.read(head.readUInt32LE(60), 6));
  if (second.toString('latin1', 0, 4) !== 'PE\0\0') return null;
  return second.length < 6 ? { format: 'pe', architecture: null } : found('pe', second.readUInt16LE(4));
}

function found(format: MachineCode['format'], machine: number): MachineCode {
  const known: Record<number, 'x64' | 'arm64'> = architectures[format];
  return { format, architecture: known[machine] ?? null };
}
