import type { NginxDirective, TextRange } from '../formats/text/facts.ts';
import type { Weakness } from './facts.ts';

/** A header as a block sends it. */
interface Header {
  name: string;
  value: string;
  range: TextRange;
}

type Block = readonly NginxDirective[];

/**
 * Variables that hold whatever origin a request names: `$http_origin` itself, what a `map` of it gives by default, and what is `set` to it.
 * @param directives of the whole text.
 */
export function anyOrigins(directives: Block): ReadonlySet<string> {
  const found = new Set(['$http_origin']);
  const walk = (block: Block): void => {
    for (const { name, args, block: inside } of block) {
      const [first, second] = args.map(({ value }) => variableOf(value));
      if (name === 'set' && first !== undefined && second === '$http_origin') found.add(first);
      if (name === 'map' && first === '$http_origin' && second !== undefined && inside) {
        const rest = inside.find((each) => each.name === 'default')?.args[0]?.value;
        if (rest !== undefined && (rest === '*' || variableOf(rest) === '$http_origin')) found.add(second);
      }
      // What is set where the origin was tested holds a tested one.
      if (inside && !(name === 'if' && testOf(args) !== null)) walk(inside);
    }
  };
  walk(directives);
  return found;
}

/**
 * Headers by which every web page may call what a location hands on, one weakness a location. Source: nginx.org, ngx_http_headers_module: `add_header`
 * stands in http, server, location and an `if` in a location, and a block that has one inherits none. The headers-more module says the same in one word.
 * @param around blocks that hand headers down, the inner one last.
 */
export function corsWeaknesses(
  locations: readonly NginxDirective[],
  around: readonly Block[],
  origins: ReadonlySet<string>,
): Weakness[] {
  const inherited = around.map(handedDown).findLast((headers) => headers.length > 0) ?? [];
  const said = new Map<string, Weakness>();
  for (const { block } of locations) {
    const inside = block ?? [];
    const own = headersOf(inside);
    const found = judge(own.length > 0 ? own : inherited, null, origins);
    for (const { name, args, block: branch } of inside)
      if (name === 'if' && branch) found.push(...judge(headersOf(branch), testOf(args), origins));
    const [worst] = found.toSorted((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
    if (worst) said.set(`${worst.range.line}:${worst.range.column}`, worst);
  }
  return [...said.values()];
}

const order: readonly Weakness['severity'][] = ['error', 'warning', 'info'];

/** Thousands of servers ask one block around them. */
const known = new WeakMap<Block, Header[]>();

function handedDown(block: Block): Header[] {
  let headers = known.get(block);
  if (!headers) known.set(block, (headers = headersOf(block)));
  return headers;
}

function headersOf(block: Block): Header[] {
  return block.flatMap(({ name, args, range }) => {
    if (name === 'add_header' && args[0] && args[1])
      return [{ name: args[0].value.toLowerCase(), value: args[1].value, range }];
    if (name !== 'more_set_headers') return [];
    return args.flatMap(({ value }) => {
      const match = /^([\w-]+)\s*:\s*(.*)$/.exec(value);
      return match ? [{ name: (match[1] ?? '').toLowerCase(), value: match[2] ?? '', range }] : [];
    });
  });
}

/** How an `if` tests the origin of a request: `open` lets any pass, `loose` some that were not meant; null where it asks for something else. */
type OriginTest = 'open' | 'loose' | 'closed' | null;

/** Longer ones are written by no person, and would be slow to take apart. */
const longestCondition = 2000;

function testOf(args: NginxDirective['args']): OriginTest {
  const condition = args.map(({ value }) => value).join(' ');
  if (condition.length > longestCondition) return null;
  const match = /^\(\s*\$\{?http_origin\}?\s*(=|!=|!?~\*?)?\s*(.*?)\s*\)$/.exec(condition);
  if (!match) return null;
  const [, operator, pattern = ''] = match;
  if (operator === '=') return 'closed';
  if (operator === undefined || operator.startsWith('!')) return 'open';
  if (/^[(^]*(?:(?:\(?https?\??\)?|\(\?:http\|https\)):\/\/)?\(?\.[*+]\)?[$)]*$/.test(pattern)) return 'open';
  const hasEnd = /\$\)*$/.test(pattern);
  const hasStart = /^\(*(?:\?:|\^|http|\\\.|\/\/|:\/\/)/.test(pattern);
  return hasEnd && hasStart ? 'closed' : 'loose';
}

function judge(headers: readonly Header[], test: OriginTest, origins: ReadonlySet<string>): Weakness[] {
  const signedIn = headers.some(
    ({ name, value }) => name === 'access-control-allow-credentials' && value.toLowerCase() === 'true',
  );
  return headers.flatMap(({ name, value, range }): Weakness[] => {
    if (name !== 'access-control-allow-origin') return [];
    const reflects = origins.has(variableOf(value));
    if (value !== '*' && !reflects) return [];
    const whole = reflects ? (test ?? 'open') : 'open';
    if (whole === 'closed') return [];
    if (whole === 'loose')
      return [
        {
          kind: 'cors-star',
          severity: signedIn ? 'warning' : 'info',
          message:
            'The pattern that origins are compared with has no beginning or no end: a page of `example.org.attacker.net` or `notexample.org` may pass. Write it from `^https://` to `$`, with `\\.` for each dot.',
          range,
        },
      ];
    if (reflects && signedIn)
      return [
        {
          kind: 'cors-star',
          severity: 'error',
          message:
            'Every web page may call this endpoint with the cookies and passwords of who looks at it (CORS: the origin that asks is allowed, with credentials). Name the origins.',
          range,
        },
      ];
    return [
      {
        kind: 'cors-star',
        severity: 'warning',
        message: `Every web page may call this endpoint (CORS${reflects ? ': the origin that asks is allowed' : ''}). Name the origins.`,
        range,
      },
    ];
  });
}

/** `${name}` as `$name`. */
function variableOf(value: string): string {
  return value.replace(/^\$\{(\w+)\}$/, '$$$1');
}
