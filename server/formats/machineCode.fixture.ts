/** The first bytes of a program, as far as its format and its architecture stand in them. */
export function headerOf(format: 'elf' | 'pe' | 'mach-o', architecture: 'x64' | 'arm64'): Buffer {
  const head = Buffer.alloc(128);
  const isIntel = architecture === 'x64';
  if (format === 'elf') {
    head.write('\x7fELF\x02\x01\x01', 'latin1');
    head.writeUInt16LE(isIntel ? 62 : 183, 18);
  } else if (format === 'pe') {
    head.write('MZ', 'latin1');
    head.writeUInt32LE(80, 60);
    head.write('PE\0\0', 80, 'latin1');
    head.writeUInt16LE(isIntel ? 0x8664 : 0xaa64, 84);
  } else {
    head.writeUInt32LE(0xfeedfacf, 0);
    head.writeUInt32LE(isIntel ? 0x01000007 : 0x0100000c, 4);
  }
  return head;
}
