import { integerOf, numberOf, textOf } from './operands.ts';
import type { RegoNumber } from './value.ts';
import { BuiltinError, integer, type RegoValue } from './value.ts';

// Times are nanoseconds since 1970, as in OPA. There is no clock here: policies are told the time in their input.

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
/** What fits 64 bits, as Go's UnixNano: the years 1677 to 2262. */
const latest = 2n ** 63n - 1n;

interface Moment {
  ns: bigint;
  /** IANA name, or null for UTC. */
  zone: string | null;
  layout: string | null;
}

/** The fields of a calendar in the moment's zone. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Seconds east of UTC. */
  offset: number;
}

export function momentOf(value: RegoValue | undefined): Moment {
  const [time, zone, layout] = Array.isArray(value) ? value : [value];
  const { text } = numberOf(time);
  // OPA takes the float64 nearest to it, and it must be an integer of 64 bits.
  if (!/^-?\d+$/.test(text) && !Number.isInteger(Number(text))) throw new BuiltinError('timestamp too big');
  const ns = /^-?\d+$/.test(text) ? BigInt(text) : BigInt(Number(text));
  if (ns > latest || ns < -latest - 1n) throw new BuiltinError('timestamp too big');
  const name = zone === undefined ? '' : textOf(zone);
  return {
    ns,
    zone: name === '' || name === 'UTC' ? null : name,
    layout: layout === undefined ? null : textOf(layout),
  };
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

export function wallOf({ ns, zone }: Moment): Wall {
  const seconds = floorDivide(ns, nsPerSecond);
  const offset = zone === null ? 0 : offsetAt(seconds, zone);
  const date = new Date(Number(seconds + BigInt(offset)) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    offset,
  };
}

/** Seconds east of UTC that a zone has at a moment. */
function offsetAt(seconds: bigint, zone: string): number {
  let parts: Intl.DateTimeFormatPart[];
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    parts = format.formatToParts(new Date(Number(seconds) * 1000));
  } catch {
    throw new BuiltinError(`unknown time zone ${zone}`);
  }
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return wall / 1000 - Number(seconds);
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})([.,]\d+)?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Go's `time.Parse(time.RFC3339, ...)`, in nanoseconds. */
export function parseRfc3339(value: RegoValue): RegoNumber {
  const match = rfc3339.exec(textOf(value));
  if (!match) throw new BuiltinError('no RFC 3339 time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const inRange =
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour < 24 && minute < 60 && second < 60;
  const [zoneHours, zoneMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!inRange || zoneHours > 24 || zoneMinutes > 60) throw new BuiltinError('no RFC 3339 time');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const offset = (match[8] === '-' ? -1 : 1) * (zoneHours * 3600 + zoneMinutes * 60);
  const fraction = BigInt(`${(match[7] ?? '.').slice(1)}000000000`.slice(0, 9));
  return inRange64(BigInt(date.getTime()) * nsPerMs - BigInt(offset) * nsPerSecond + fraction);
}

function inRange64(ns: bigint): RegoNumber {
  if (ns > latest || ns < -latest - 1n) throw new BuiltinError('time outside of valid range');
  return integer(ns);
}

const unitNs: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: nsPerMs,
  s: nsPerSecond,
  m: 60n * nsPerSecond,
  h: 3600n * nsPerSecond,
  d: 24n * 3600n * nsPerSecond,
  w: 7n * 24n * 3600n * nsPerSecond,
  y: 365n * 24n * 3600n * nsPerSecond,
};

/** OPA's durations: Go's, and days, weeks and years of 365 days. */
export function parseDuration(value: RegoValue): RegoNumber {
  const text = textOf(value);
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smhdwy]))+)$/.exec(text);
  if (!match) {
    if (/^[+-]?0$/.test(text)) return integer(0);
    throw new BuiltinError('no duration');
  }
  let total = 0n;
  for (const [, digits = '', unit = ''] of (match[2] ?? '').matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|[smhdwy])/g)) {
    const [whole = '', fraction = ''] = digits.split('.');
    const scale = unitNs[unit] ?? 0n;
    total += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  }
  if (total > latest) throw new BuiltinError('the duration is too long');
  return integer(match[1] === '-' ? -total : total);
}

export function addDate(time: RegoValue, years: RegoValue, months: RegoValue, days: RegoValue): RegoNumber {
  const moment = momentOf(time);
  const wall = wallOf(moment);
  const date = new Date(0);
  date.setUTCFullYear(wall.year + integerOf(years), wall.month - 1 + integerOf(months), wall.day + integerOf(days));
  date.setUTCHours(wall.hour, wall.minute, wall.second);
  const local = BigInt(Math.floor(date.getTime() / 1000));
  if (Number.isNaN(date.getTime())) throw new BuiltinError('time outside of valid range');
  // The zone may have another offset there.
  const first = moment.zone === null ? 0 : offsetAt(local - BigInt(wall.offset), moment.zone);
  const fraction = moment.ns - floorDivide(moment.ns, nsPerSecond) * nsPerSecond;
  return inRange64((local - BigInt(first)) * nsPerSecond + fraction);
}

/** Years, months, days, hours, minutes and seconds between two times, as OPA counts them. */
export function difference(a: RegoValue, b: RegoValue): RegoNumber[] {
  let [from, to] = [momentOf(a), momentOf(b)];
  to = { ...to, zone: from.zone };
  if (from.ns > to.ns) [from, to] = [to, from];
  const [x, y] = [wallOf(from), wallOf(to)];
  let [year, month, day] = [y.year - x.year, y.month - x.month, y.day - x.day];
  let [hour, minute, second] = [y.hour - x.hour, y.minute - x.minute, y.second - x.second];
  if (second < 0) [second, minute] = [second + 60, minute - 1];
  if (minute < 0) [minute, hour] = [minute + 60, hour - 1];
  if (hour < 0) [hour, day] = [hour + 24, day - 1];
  if (day < 0) {
    day += new Date(Date.UTC(x.year, x.month, 0)).getUTCDate();
    month--;
  }
  if (month < 0) [month, year] = [month + 12, year - 1];
  return [year, month, day, hour, minute, second].map(integer);
}
