import { linesOf } from '../../datasets/rows/lines.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import { quantile } from '../../statistics/robust.ts';
import type { ByteSource } from '../../formats/source.ts';
import { recordOf } from './record.ts';
import { WindowCounts } from './windows.ts';

export interface LogFinding {
  kind: 'malformed' | 'rate' | 'repeated-output' | 'violations';
  severity: 'warning' | 'info';
  /** One sentence that says what happened, and then what to do. */
  message: string;
  /** 1-based: the first line that it is about. */
  line: number;
  client: string | null;
  /** RFC 3339; null where no time is known. */
  from: string | null;
  to: string | null;
}

export interface LogAnalysis {
  records: number;
  malformed: number;
  clients: number;
  from: string | null;
  to: string | null;
  findings: LogFinding[];
  /** Requests that are in no count, because clients, answers or windows were too many. */
  notCounted: number;
}

export interface AnalyseOptions {
  /** Milliseconds. */
  windowMs: number;
  signal?: AbortSignal;
  onProgress?: (bytes: number) => void;
}

const mostClients = 20_000;
const mostOutputs = 200_000;
const mostWindows = 20_000;
const malformedTold = 20;
const findingsTold = 100;

/** A window must hold so many requests to be called a burst: below, a deviation means nothing. */
const leastBurst = 20;
/** Robust deviations above the usual rate. Real traffic comes in clusters, which a Poisson test would call attacks all day. */
const deviations = 8;
/** The chance, over all windows, that a burst of violations or repetitions is told of where there is none. */
const level = 0.001;

/**
 * Looks into an inference log: clients whose rate leaps, answers that repeat where they did not, violations that come in bursts. One pass, in
 * memory that the length of the log does not change.
 */
export function analyseLog(source: ByteSource, { windowMs, signal, onProgress }: AnalyseOptions): LogAnalysis {
  const clients = new WindowCounts(mostClients, mostWindows);
  const outputs = new WindowCounts(mostOutputs, mostWindows);
  const violations = new WindowCounts(1000, mostWindows);
  const totals = new Map<number, number>();
  const firstLine = new Map<number, number>();
  const findings: LogFinding[] = [];
  let records = 0;
  let malformed = 0;
  /** Requests of windows beyond the limit. */
  let outside = 0;
  let [first, last] = [Infinity, -Infinity];
  for (const { number, text } of linesOf(source, undefined, onProgress)) {
    if (signal?.aborted) break;
    if (text !== null && text.trim() === '') continue;
    const record = text === null ? 'it is too long' : recordOf(text);
    if (typeof record === 'string') {
      if (malformed++ < malformedTold) {
        findings.push({
          kind: 'malformed',
          severity: 'warning',
          message: `This line is no request of an inference log: ${record}. Let the gateway write what the schema says.`,
          line: number,
          client: null,
          from: null,
          to: null,
        });
      }
      continue;
    }
    records++;
    first = Math.min(first, record.time);
    last = Math.max(last, record.time);
    const window = Math.floor(record.time / windowMs);
    if (!firstLine.has(window)) {
      if (firstLine.size >= mostWindows) {
        outside++;
        continue;
      }
      firstLine.set(window, number);
    }
    totals.set(window, (totals.get(window) ?? 0) + 1);
    clients.add(window, record.client);
    outputs.add(window, record.outputHash);
    if (record.violations.length > 0) violations.add(window, 'any');
  }
  const at = (window: number) => ({
    line: firstLine.get(window) ?? 1,
    from: new Date(window * windowMs).toISOString(),
    to: new Date((window + 1) * windowMs).toISOString(),
  });
  const context: Context = { totals, records, at };
  const found = [...rates(clients, context), ...repetitions(outputs, context), ...bursts(violations, context)];
  return {
    records,
    malformed,
    clients: clients.keys().length,
    from: records > 0 ? new Date(first).toISOString() : null,
    to: records > 0 ? new Date(last).toISOString() : null,
    findings: [
      ...findings,
      ...found.sort((a, b) => a.line - b.line || (a.message < b.message ? -1 : 1)).slice(0, findingsTold),
    ],
    notCounted: outside + Math.max(clients.dropped, outputs.dropped),
  };
}

interface Context {
  totals: ReadonlyMap<number, number>;
  records: number;
  at: (window: number) => { line: number; from: string; to: string };
}

/** Windows in which a client asks far more than it usually does; a client that is new, than clients usually do. */
function rates(clients: WindowCounts, { at }: Context): LogFinding[] {
  const windows = clients.windows();
  if (windows.length < 3) return [];
  const everyone = windows.flatMap((window) => clients.entries(window).map(([, count]) => count)).sort((a, b) => a - b);
  // By client, the windows in which it asked: to look at all windows for all clients would take their product in time.
  const asked = new Map(clients.keys().map(([client]): [string, [number, number][]] => [client, []]));
  for (const window of windows)
    for (const [client, count] of clients.entries(window)) asked.get(client)?.push([window, count]);
  return [...asked].flatMap(([client, counts]) => {
    const active = counts.map(([, count]) => count).sort((a, b) => a - b);
    const usual = active.length >= 5 ? active : everyone;
    const middle = quantile(usual, 0.5);
    const spread =
      1.4826 *
      quantile(
        usual.map((count) => Math.abs(count - middle)).sort((a, b) => a - b),
        0.5,
      );
    const unit = Math.max(spread, Math.sqrt(middle), 1);
    return counts.flatMap(([window, count]): LogFinding[] => {
      if (count < leastBurst || (count - middle) / unit < deviations) return [];
      return [
        {
          kind: 'rate',
          severity: 'warning',
          message: `${client} asked ${count} times in this window, and usually ${Math.round(middle)} times. Limit the rate per client, and look at what it asked: a model can be copied by asking it.`,
          client,
          ...at(window),
        },
      ];
    });
  });
}

/** Windows in which one answer is given far more often than in the rest of the log. */
function repetitions(outputs: WindowCounts, { totals, records, at }: Context): LogFinding[] {
  const windows = outputs.windows();
  const tests = windows.length * Math.max(1, outputs.keys().length);
  const total = new Map(outputs.keys());
  return windows.flatMap((window) => {
    const inWindow = totals.get(window) ?? 0;
    return outputs.entries(window).flatMap(([hash, count]): LogFinding[] => {
      if (count < leastBurst) return [];
      const elsewhere = (total.get(hash) ?? count) - count;
      const usual = (elsewhere + 1) / (records - inWindow + 2);
      if (count / inWindow < usual * 3 || binomialTail(count, inWindow, Math.min(1, usual)) > level / tests) return [];
      return [
        {
          kind: 'repeated-output',
          severity: 'warning',
          message: `One answer (${hash.replace(/^sha256:/i, '').slice(0, 12)}) was given ${count} times of ${inWindow} in this window, and ${elsewhere} times in all others. See whether a model or a filter is stuck, or one question is asked over and over.`,
          client: null,
          ...at(window),
        },
      ];
    });
  });
}

/** Windows in which filters find far more than in the rest of the log. */
function bursts(violations: WindowCounts, { totals, records, at }: Context): LogFinding[] {
  const all = violations.keys()[0]?.[1] ?? 0;
  const windows = [...totals.keys()];
  return windows.flatMap((window): LogFinding[] => {
    const count = violations.count(window, 'any');
    const inWindow = totals.get(window) ?? 0;
    if (count < 5) return [];
    const usual = (all - count + 1) / (records - inWindow + 2);
    if (count / inWindow < usual * 3 || binomialTail(count, inWindow, Math.min(1, usual)) > level / windows.length)
      return [];
    return [
      {
        kind: 'violations',
        severity: 'warning',
        message: `Filters found ${count} violations in ${inWindow} requests of this window, and ${all - count} in all others. Somebody may be trying attacks: see which clients, and whether any got through.`,
        client: null,
        ...at(window),
      },
    ];
  });
}
