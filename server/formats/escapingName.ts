/** Whether a member's name leads out of the folder that the archive is unpacked to, and how. */
export function escapes(name: string): string | null {
  if (name.includes('\0')) return 'has a name with a NUL character, at which some readers cut it';
  if (/^[/\\]/.test(name)) return 'has an absolute name';
  if (/^[A-Za-z]:/.test(name)) return 'has a name with a drive letter';
  if (name.split(/[/\\]/).includes('..')) return 'has a name that leads out of the folder it is unpacked to';
  if (name.includes('\\')) return 'has a backslash in its name, which some systems take for a folder';
  return null;
}

/** Whether a link at `name` that points to `target` leads out of the folder that the archive is unpacked to. */
export function linkEscapes(name: string, target: string, kind: 'hard' | 'symbolic'): boolean {
  if (/^[/\\]/.test(target) || /^[A-Za-z]:/.test(target)) return true;
  const folder = kind === 'symbolic' ? name.split('/').slice(0, -1) : [];
  let depth = 0;
  for (const part of [...folder, ...target.split(/[/\\]/)]) {
    if (part === '' || part === '.') continue;
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}
