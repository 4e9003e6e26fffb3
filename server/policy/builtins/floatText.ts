// How Go writes floats (package strconv): exact, and rounded half to even, which JavaScript's own methods are not.

/** The 53 bits of a float64's significand as an integer, and the power of two that it is multiplied with. */
function parts(magnitude: number): { significand: bigint; power: number } {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, magnitude);
  const bits = bytes.getBigUint64(0);
  const exponent = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0
    ? { significand: fraction, power: -1074 }
    : { significand: fraction | (1n << 52n), power: exponent - 1075 };
}

const withSign = (power: number): string => (power < 0 ? `-${-power}` : `+${power}`);

/** Go writes at least two digits of an exponent. */
const twoDigits = (power: number): string => withSign(power).replace(/^(.)(\d)$/, '$10$2');

/** Go's %b: the significand and a power of two, such as 4503599627370496p-52. */
export function binary(magnitude: number): string {
  const { significand, power } = parts(magnitude);
  return `${significand}p${withSign(power)}`;
}

/** Go's %x: 0x1.8p+00. */
export function hexadecimal(magnitude: number): string {
  let { significand, power } = parts(magnitude);
  if (significand === 0n) return '0x0p+00';
  for (; significand < 1n << 52n; power--) significand <<= 1n;
  const fraction = (significand & ((1n << 52n) - 1n)).toString(16).padStart(13, '0').replace(/0+$/, '');
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${twoDigits(power + 52)}`;
}

/** The nearest integer to a number times a power of ten; of two that are as near, the even one, as Go rounds. */
function scaled(magnitude: number, decimals: number): bigint {
  const { significand, power } = parts(magnitude);
  let [above, below] = [significand, 1n];
  if (decimals >= 0) above *= 10n ** BigInt(decimals);
  else below *= 10n ** BigInt(-decimals);
  if (power >= 0) above <<= BigInt(power);
  else below <<= BigInt(-power);
  const [quotient, rest] = [above / below, (above % below) * 2n];
  return rest > below || (rest === below && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** Go's %f. */
export function fixed(magnitude: number, precision: number): string {
  const digits = String(scaled(magnitude, precision)).padStart(precision + 1, '0');
  const point = digits.length - precision;
  return precision === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Go's %e. */
export function scientific(magnitude: number, precision: number): string {
  let power = magnitude === 0 ? 0 : Number(magnitude.toExponential().split('e')[1]);
  let digits = String(scaled(magnitude, precision - power)).padStart(precision + 1, '0');
  if (digits.length > precision + 1) {
    power++;
    digits = String(scaled(magnitude, precision - power));
  }
  return `${digits[0]}${precision > 0 ? `.${digits.slice(1)}` : ''}e${twoDigits(power)}`;
}

/** Go's %g and %v: without a precision the shortest text; an exponent below 1e-4, and from 1e6 (or the precision) on. */
export function general(value: number, precision: number | null, letter: string): string {
  const wanted = precision === null ? null : Math.max(precision, 1);
  const text = wanted === null ? shortest(value) : scientific(value, wanted - 1);
  const power = Number(text.split('e')[1]);
  let result: string;
  if (value !== 0 && (power < -4 || power >= (wanted ?? 6))) {
    const [digits = '', tail = ''] = text.split('e');
    result = `${withoutZeros(digits)}e${tail}`;
  } else if (wanted === null) result = String(value);
  else result = withoutZeros(fixed(value, Math.max(wanted - 1 - power, 0)));
  return letter === 'G' ? result.toUpperCase() : result;
}

function shortest(value: number): string {
  const [digits = '', power = ''] = value.toExponential().split('e');
  return `${digits}e${twoDigits(Number(power))}`;
}

const withoutZeros = (digits: string): string => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);
