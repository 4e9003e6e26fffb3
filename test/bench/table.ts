import type { Measured } from './measure.ts';

/** One job: what Weighbridge and its peers took for it. */
export interface Row {
  job: string;
  ours: Measured;
  peers: Record<string, Measured>;
}

/** A Markdown table: medians, peak memory, and how many times faster than the fastest peer. */
export function markdownTable(rows: Row[]): string {
  const peers = [...new Set(rows.flatMap(({ peers }) => Object.keys(peers)))];
  const lines = rows.map(({ job, ours, peers: theirs }) => {
    const seconds = Object.values(theirs).map((peer) => peer.seconds);
    const ratio = seconds.length > 0 ? `${(Math.min(...seconds) / ours.seconds).toFixed(1)}x` : '–';
    return [job, cell(ours), ...peers.map((peer) => cell(theirs[peer])), ratio];
  });
  const head = ['job', 'weighbridge', ...peers, 'faster than the fastest peer'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(measured: Measured | undefined): string {
  if (!measured) return '–';
  const { seconds, peakBytes } = measured;
  const time = seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
  return Number.isNaN(peakBytes) ? time : `${time}, ${Math.round(peakBytes / 1e6)} MB`;
}
