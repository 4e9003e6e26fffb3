import type { Json } from '../../server/formats/facts.ts';

const times = [
  0,
  1,
  -1,
  1_700_000_000_000_000_000,
  951_782_400_000_000_000,
  '1709164800123456789',
  -62_135_596_800,
  1_583_020_800_000_000_000,
  'not a time',
].map((time) => (typeof time === 'string' && /^\d+$/.test(time) ? Number(time) : time));
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Nowhere/Land'];
const zoned: Json[] = times.flatMap((time) => [time, ...zones.map((zone) => [time, zone])]);
const texts = ['', 'a', 'aXbX', 'Grüße, 世界', '😀😀', 'aaaa', 'foo-bar_baz', 'v1.2.3', 'line\nbreak'];
const pairs = (left: readonly Json[], right: readonly Json[]): Json[][] =>
  left.flatMap((a) => right.map((b) => [a, b]));
const ones = (values: readonly Json[]): Json[][] => values.map((value) => [value]);

const formats = [
  '%v',
  '%s',
  '%d',
  '%q',
  '%x',
  '%X',
  '%5d|',
  '%-5d|',
  '%05d',
  '%+d',
  '% d',
  '%.2f',
  '%8.3f',
  '%e',
  '%g',
  '%G',
  '%t',
  '%T',
  '%c',
  '%U',
  '%b',
  '%o',
  '%O',
  '%#x',
  '%.3s',
  '%10s|',
  '%-10s|',
  '%%',
  'plain',
  '%',
  '%!',
  '%z',
  '%v and %v',
];
const printed: Json[] = [
  'text',
  'say "hi"\t\u0001é',
  0,
  7,
  -42,
  1.5,
  -0.000012345,
  1e21,
  123456789.125,
  9007199254740993,
  true,
  null,
  [],
  [1, 'a', [null]],
  {},
  { b: 1, a: { c: [true] } },
];

const versions = [
  '1.2.3',
  'v1.2.3',
  '1.2.3-alpha',
  '1.2.3-alpha.1',
  '1.2.3-alpha.beta',
  '1.2.3-beta.11',
  '1.2.3-beta.2',
  '1.2.3+build',
  '1.10.0',
  '2.0',
  '01.2.3',
  '1.2.3-01',
  '',
  'x',
];

const patterns = [
  'a+',
  '(a)(b)?',
  '^',
  '$',
  '',
  '[[:alpha:]]+',
  '(?i)FOO',
  '\\bb',
  'x*',
  '(?P<n>[a-z])',
  '(',
  '\\d{2,3}',
  '世',
];
const subjects = ['', 'aab', 'foo bar', 'b', 'abc 123 4567', '世界世', 'FOO\nbar', 'xxabxx'];

const collections: Json[] = [
  {},
  { a: 1 },
  { a: 1, b: { c: 2, d: [1, 2] } },
  { b: { c: 2 } },
  { b: { d: [2] } },
  [],
  [1, 2, 3],
  [2, 3],
  [1, 3],
  'text',
  3,
  null,
];

/** JSON writes them with a point or an exponent, and for OPA they are floats. */
const isFraction = (value: Json): boolean => typeof value === 'number' && !/^-?\d+$/.test(JSON.stringify(value));

/** Arguments for each function that the host of compiled policies answers. */
export const argumentLists: Record<string, Json[][]> = {
  sprintf: [
    ...formats.flatMap((format) =>
      // The one known difference: the flag # of a fraction is undefined here.
      printed.filter((value) => format !== '%#x' || !isFraction(value)).map((value): Json[] => [format, [value]]),
    ),
    ['%v', []],
    ['%v', [1, 2]],
    ['%d of %d', [1, 2]],
    ['%s', ['a', 1.5, true]],
    ['%v', 'no array'],
    [7, []],
  ],
  'crypto.md5': ones([...texts, 1]),
  'crypto.sha1': ones([...texts, null]),
  'crypto.sha256': ones([...texts, []]),
  'hex.encode': ones([...texts, 1]),
  'hex.decode': ones(['', '00', '6a', 'ABcd20', '6', 'zz', 'e4b896', 1]),
  indexof_n: pairs([...texts, 1], ['', 'a', 'aa', 'X', '界', '😀', 1]),
  'object.subset': pairs(collections, collections),
  'regex.find_n': patterns.flatMap((pattern) =>
    subjects.flatMap((subject) => [-1, 0, 1, 2].map((limit): Json[] => [pattern, subject, limit])),
  ),
  'regex.replace': patterns.flatMap((pattern) =>
    subjects.flatMap((subject) =>
      ['', '-', '<$0>', '${1}x', '$n', '$$', '$1x', '$'].map((replacement): Json[] => [subject, pattern, replacement]),
    ),
  ),
  'regex.split': pairs(patterns, subjects),
  'semver.compare': pairs(versions, versions),
  'semver.is_valid': ones([...versions, 1, null]),
  'strings.any_prefix_match': pairs(['abc', ['x', 'foo'], [], '', 1], ['a', ['f', 'z'], [], '', [1], null]),
  'strings.any_suffix_match': pairs(['abc', ['x', 'foo'], [], '', 1], ['c', ['o', 'z'], [], '', [1], null]),
  'strings.count': pairs([...texts, 1], ['', 'a', 'aa', 'X', '😀', 1]),
  'strings.split_n': texts.flatMap((text) =>
    ['', 'X', ',', 'aa'].flatMap((mark) => [0, 1, 2, 9, -1, -2, -9].map((limit): Json[] => [text, mark, limit])),
  ),
  'time.add_date': [0, 1_700_000_000_000_000_000, 1_709_164_800_000_000_000, 'x'].flatMap((time) =>
    [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 31],
      [-1, -2, -3],
      [0, 13, 0],
      [500, 0, 0],
      [0, 0, 1.5],
    ].map((change): Json[] => [time, ...change]),
  ),
  'time.clock': ones(zoned),
  'time.date': ones(zoned),
  'time.weekday': ones(zoned),
  'time.diff': pairs(
    [0, 1_700_000_000_000_000_000, [1_583_020_800_000_000_000, 'America/New_York']],
    [0, 951_782_400_000_000_000, 1_709_164_800_000_000_000, [5, 'Asia/Kolkata'], 'x'],
  ),
  'time.format': [
    ...ones(zoned.filter((time) => !Array.isArray(time) || time.length < 3)),
    ...[
      'RFC3339',
      'RFC1123Z',
      'RFC822Z',
      'ANSIC',
      'RubyDate',
      '2006-01-02',
      '02 Jan 06 15:04:05.000',
      'Monday 3:04PM',
      '',
    ].flatMap((layout) => times.map((time): Json[] => [[time, 'Europe/Berlin', layout]])),
  ],
  'time.parse_duration_ns': ones([
    '1s',
    '1h30m',
    '-1.5h',
    '24h',
    '1d',
    '2w',
    '1y',
    '0',
    '',
    '1',
    'x',
    '1us2ns',
    '1µs',
    '.5s',
    '300y',
    '+3ms',
    1,
  ]),
  'time.parse_rfc3339_ns': ones([
    '2026-03-01T12:00:00Z',
    '2026-03-01T12:00:00.123456789Z',
    '2026-03-01T12:00:00+02:00',
    '2026-03-01T12:00:00-11:30',
    '2024-02-29T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01',
    '2026-03-01T24:00:00Z',
    '1600-01-01T00:00:00Z',
    '2026-03-01T12:00:60Z',
    '2026-03-01t12:00:00z',
    '',
    1,
  ]),
};

/** Calls with values that JSON does not have. */
export const nativeCalls = [
  'sprintf("%v", [{"b", "a"}])',
  'sprintf("%v %v", [set(), {1: "a", [2]: {3}}])',
  'sprintf("%d %v", [1700000000000000001, 123456789012345678901234567890])',
  'sprintf("%v", [1.0])',
  'object.subset({"a", "b"}, {"a"})',
  'object.subset({"x": {1, 2}}, {"x": {2}})',
  'object.subset([1, 2, 3], {3, 1})',
  'strings.any_prefix_match({"abc", "xyz"}, {"x"})',
  'time.parse_rfc3339_ns("2026-03-01T12:00:00.000000001Z") - time.parse_rfc3339_ns("2026-03-01T12:00:00Z")',
  'time.format(1700000000000000001)',
  'time.clock([1700000000000000001, "UTC"])',
  'time.parse_rfc3339_ns("2026-03-01T12:00:00Z") < 1772366400000000001',
];
