import { WeighbridgeError } from '../errors.ts';

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ELOOP: 'the link leads in a circle',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many files are open',
  EIO: 'the device reported a read error',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EINVAL: 'is not a regular file',
};

/** An operating-system error in plain words. What is already in words stays as it is. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof WeighbridgeError) return cause.message;
  const { code, message } = cause as NodeJS.ErrnoException;
  return (code && reasons[code]) ?? code ?? message ?? String(cause);
}
