import type { Wall } from './time.ts';

/** The layouts that OPA knows by name (Go's package time). */
const named: Record<string, string> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
};

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(' ');

const element =
  /January|Jan|Monday|Mon|2006|-07:00:00|-0700|-07:00|-07|Z0700|Z07:00|Z07|MST|__2|002|01|02|03|04|05|06|15|PM|pm|_2|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g;

/**
 * Go's `Time.Format` (https://pkg.go.dev/time#Layout).
 * @param wall the calendar's fields. @param nanoseconds below the second. @param zone its abbreviation.
 */
export function formatTime(wall: Wall, nanoseconds: number, layout: string | null, zone: string): string {
  const pattern = layout === null || layout === '' ? (named['RFC3339Nano'] ?? '') : (named[layout] ?? layout);
  const weekday = weekdays[new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay()] ?? '';
  const month = months[wall.month - 1] ?? '';
  const two = (value: number) => String(value).padStart(2, '0');
  const hour12 = wall.hour % 12 || 12;
  const dayOfYear =
    Math.round((Date.UTC(wall.year, wall.month - 1, wall.day) - Date.UTC(wall.year, 0, 1)) / 86_400_000) + 1;
  const values: Record<string, string> = {
    January: month,
    Jan: month.slice(0, 3),
    Monday: weekday,
    Mon: weekday.slice(0, 3),
    '2006': String(wall.year).padStart(4, '0'),
    '06': two(wall.year % 100),
    '01': two(wall.month),
    '1': String(wall.month),
    '02': two(wall.day),
    _2: String(wall.day).padStart(2, ' '),
    '2': String(wall.day),
    '002': String(dayOfYear).padStart(3, '0'),
    __2: String(dayOfYear).padStart(3, ' '),
    '15': two(wall.hour),
    '03': two(hour12),
    '3': String(hour12),
    '04': two(wall.minute),
    '4': String(wall.minute),
    '05': two(wall.second),
    '5': String(wall.second),
    PM: wall.hour < 12 ? 'AM' : 'PM',
    pm: wall.hour < 12 ? 'am' : 'pm',
    MST: zone,
  };
  return pattern.replace(element, (found) => {
    const value = values[found];
    if (value !== undefined) return value;
    if (found.startsWith('.') || found.startsWith(',')) return fraction(found, nanoseconds);
    return offsetText(found, wall.offset);
  });
}

function fraction(found: string, nanoseconds: number): string {
  const digits = String(nanoseconds)
    .padStart(9, '0')
    .slice(0, found.length - 1);
  if (found[1] === '0') return `${found[0]}${digits}`;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : `${found[0]}${short}`;
}

function offsetText(found: string, offset: number): string {
  if (found.startsWith('Z') && offset === 0) return 'Z';
  const magnitude = Math.abs(offset);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  const [hours, minutes, seconds] = [two(magnitude / 3600), two((magnitude / 60) % 60), two(magnitude % 60)];
  const form = found.slice(1);
  if (form === '07') return `${sign}${hours}`;
  if (form === '0700') return `${sign}${hours}${minutes}`;
  return form === '07:00:00' ? `${sign}${hours}:${minutes}:${seconds}` : `${sign}${hours}:${minutes}`;
}
