/** Schemes of file systems and connections that a framework opens: `gs://`, `file:///`, `grpc://`. */
const scheme = /^[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\//;

/**
 * How a name leads out of the folder of the model, in a clause; null when it stays inside. Judged as every operating system would,
 * since a model is written on one and loaded on another.
 */
export function leadsOutside(name: string): string | null {
  if (name.includes('\0')) return 'has a NUL character, at which some readers cut it';
  if (scheme.test(name)) return 'is an address and not a file';
  if (/^[/\\]/.test(name)) return 'is absolute';
  if (/^[A-Za-z]:/.test(name)) return 'begins with a drive';
  if (/^~[\w-]*(?:[/\\]|$)/.test(name)) return 'begins in a home folder';
  if (name.split(/[/\\]/).includes('..')) return 'climbs out of the folder of the model';
  return null;
}
