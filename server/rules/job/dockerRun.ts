import type { Word } from '../../formats/text/shellWords.ts';
import { placeOf } from '../load/place.ts';
import type { Report } from '../rule.ts';

type Reporter = (report: Report) => void;

/** Capabilities that are nearly as much as being root on the machine. */
export function isStrong(capability: string): boolean {
  return /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_PTRACE|SYS_MODULE|DAC_READ_SEARCH|BPF)$/i.test(capability);
}

/** @param who is given it, for a person. */
export function givenCapability(who: string, capability: string, container: string | null): Omit<Report, 'location'> {
  const ptrace = /PTRACE/i.test(capability);
  return {
    message: `${who} is given ${capability}${ptrace ? ', which reads the memory of other processes' : ', which is nearly as much as being root on the machine'}. Take it out.`,
    severity: ptrace ? 'warning' : 'error',
    evidence: { capability, container },
  };
}

/** What there is to say of a folder of the machine that a container sees; null where it is one of its own. */
export function mountedPath(path: string): Omit<Report, 'location'> | null {
  const socket = /(?:docker|containerd|crio)(?:\/\w+)?\.sock$/.test(path);
  const root = /^\/(?:etc|root|proc|sys|var\/lib\/(?:kubelet|docker))?\/?$/.test(path);
  if (!socket && !root) return null;
  return {
    message: socket
      ? `Mounts the socket of the container runtime (${path}): who writes to it starts containers with any right. Take the mount out.`
      : `Mounts ${path} of the machine into the job. Mount the folder that is needed, read-only.`,
    severity: socket || path === '/' ? 'error' : 'warning',
    evidence: { path },
  };
}

/** Options of `docker run` without a value. Source: `docker run --help`, Docker 27. */
const bare =
  /^(?:--(?:rm|init|detach|interactive|tty|privileged|no-healthcheck|oom-kill-disable|publish-all|quiet|read-only|sig-proxy|disable-content-trust)(?:=.*)?|-[diPqt]+)$/;

/** `docker run --privileged`, `-v /:/host`, `--cap-add SYS_ADMIN`, `--network host`, up to the name of the image. */
export function checkRun(command: readonly Word[], report: Reporter): void {
  const program = command.findIndex(({ value }) => /(?:^|\/)(?:docker|podman|nerdctl)$/.test(value));
  if (program < 0 || program > mostBefore) return;
  const verb = command.slice(program + 1, program + 4).findIndex(({ value }) => /^(?:run|create)$/.test(value));
  if (verb < 0) return;
  for (let at = program + verb + 2; at < command.length; at++) {
    const word = command[at];
    // What follows the image is for the program in it.
    if (!word || !word.value.startsWith('-')) return;
    const equals = word.value.indexOf('=');
    const name = equals < 0 ? word.value : word.value.slice(0, equals);
    const takesNext = equals < 0 && !bare.test(word.value);
    const value = takesNext ? (command[at + 1]?.value ?? '') : equals < 0 ? 'true' : word.value.slice(equals + 1);
    const place = takesNext ? (command[at + 1] ?? word) : word;
    const found = judge(name, value);
    if (found) report({ ...found, location: placeOf(place.range) });
    if (takesNext) at++;
  }
}

/** Words before the program: `sudo`, `nohup`, variables. */
const mostBefore = 8;

function judge(name: string, value: string): Omit<Report, 'location'> | null {
  if (name === '--privileged' && value !== 'false')
    return {
      message: 'The container is privileged: what runs in it takes over the machine. Take --privileged out.',
      severity: 'error',
      evidence: { option: 'privileged', container: null },
    };
  if (name === '--cap-add' && isStrong(value)) return givenCapability('The container', value, null);
  const taken = name === '--security-opt' ? /^(seccomp|apparmor)[:=]unconfined$/.exec(value)?.[1] : undefined;
  if (taken !== undefined)
    return {
      message: `The container may ask the kernel for everything (\`${value}\`): the filter that stops escapes is off. Take it out.`,
      severity: 'warning',
      evidence: { option: taken, container: null },
    };
  if (name === '-v' || name === '--volume') return mountedPath(value.split(':')[0] ?? '');
  if (name === '--mount') return mountedPath(/(?:^|,)(?:source|src)=([^,]*)/.exec(value)?.[1] ?? '');
  if (value !== 'host' || !/^--(?:pid|network|net|ipc)$/.test(name)) return null;
  const ipc = name === '--ipc';
  return {
    message: `Shares the machine's ${ipc ? 'ipc' : name === '--pid' ? 'pid' : 'network'} (\`${name}=host\`).${ipc ? ' Give it shared memory of its own with --shm-size.' : ' Take it out, or say why it is needed.'}`,
    severity: ipc ? 'info' : 'warning',
    evidence: { option: name.slice(2), container: null },
  };
}
