import type { Measured } from './measure.ts';

/** One job: what Weighbridge and its peers took for it, and what it should take. */
export interface Row {
  job: string;
  ours: Measured;
  peers: Record<string, Measured>;
  goals?: Goal[];
}

/** `reached` is what was measured, in the words of the goal. */
export interface Goal {
  wanted: string;
  reached: string;
  met: boolean;
}

const mostBytes = 150e6;

/** At most 150 MB, whatever is scanned. */
export function memoryGoal({ peakBytes }: Measured): Goal {
  return { wanted: 'at most 150 MB', reached: megabytes(peakBytes), met: peakBytes <= mostBytes };
}

/** So many times faster than one peer, or than the fastest of all. */
export function ratioGoal(times: number, ours: Measured, peers: Record<string, Measured>, peer?: string): Goal {
  const seconds = Object.entries(peers).filter(([name]) => peer === undefined || name === peer);
  const ratio = Math.min(...seconds.map(([, measured]) => measured.seconds)) / ours.seconds;
  const than = peer ?? 'the fastest peer';
  return { wanted: `${times}x ${than}`, reached: `${ratio.toFixed(1)}x`, met: ratio >= times };
}

/** So many million opcodes a second, the start of the program included. */
export function opcodesGoal(millions: number, opcodes: number, { seconds }: Measured): Goal {
  const rate = opcodes / seconds / 1e6;
  return { wanted: `${millions} million opcodes/s`, reached: `${rate.toFixed(1)} million/s`, met: rate >= millions };
}

/** A Markdown table: medians of wall time, CPU time and peak memory, the ratio to the fastest peer, and the goals. */
export function markdownTable(rows: Row[]): string {
  const peers = [...new Set(rows.flatMap(({ peers }) => Object.keys(peers)))];
  const lines = rows.map(({ job, ours, peers: theirs, goals = [] }) => {
    const seconds = Object.values(theirs).map((peer) => peer.seconds);
    const ratio = seconds.length > 0 ? `${(Math.min(...seconds) / ours.seconds).toFixed(1)}x` : '–';
    return [job, cell(ours), ...peers.map((peer) => cell(theirs[peer])), ratio, goals.map(inWords).join('; ') || '–'];
  });
  const head = ['job', 'weighbridge', ...peers, 'faster than the fastest peer', 'goals'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inWords({ wanted, reached, met }: Goal): string {
  return `${wanted}: ${met ? 'met' : 'MISSED'} (${reached})`;
}

function cell(measured: Measured | undefined): string {
  if (!measured) return '–';
  const { seconds, cpuSeconds, peakBytes } = measured;
  const parts = Number.isNaN(seconds) ? [] : [time(seconds)];
  if (!Number.isNaN(cpuSeconds)) parts.push(`CPU ${time(cpuSeconds)}`);
  if (!Number.isNaN(peakBytes)) parts.push(megabytes(peakBytes));
  return parts.join(', ');
}

function time(seconds: number): string {
  return seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
