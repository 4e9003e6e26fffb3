import type { PythonArgument, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { callsTo } from '../../formats/text/pythonCalls.ts';
import { isInside } from '../../formats/text/ranges.ts';
import { placeOf, replace } from '../load/place.ts';
import type { Report } from '../rule.ts';
import type { PythonSubject } from '../text.ts';

type Reporter = (report: Report) => void;

/** Calls that are looked at: an app has one of them, or one a route, and a text that is made of them is none that anyone wrote. */
const most = 50;

/** What an app says of the pages that may call it. */
interface Origins {
  /** Where any origin is let in; null where it is not. */
  any: TextRange | null;
  /** As it is written: `allow_origins=["*"]`. */
  written: string;
  /** The argument that lets browsers send cookies along; undefined where they are not. */
  credentials: PythonArgument | undefined;
}

/**
 * Reports apps in Python that answer every origin: `CORSMiddleware` of FastAPI and Starlette, Flask-CORS, `CORSConfig` of Litestar. With credentials they answer it
 * by its name (starlette/middleware/cors.py, flask_cors/core.py), so that a browser lets the page read what the visitor sees.
 */
export function reportOrigins(text: PythonSubject, report: Reporter): void {
  for (const call of callsTo(text.calls, /(?:^|\.)(?:CORSMiddleware|add_middleware|Middleware|CORSConfig)$/).slice(
    0,
    most,
  )) {
    if (/iddleware$/.test(call.callee) && !setsCors(call)) continue;
    say(originsOf(text, call, 'allow_origins', 'allow_credentials'), report);
  }
  for (const call of callsTo(text.calls, /^flask_cors(?:\.\w+)*\.(?:CORS|cross_origin)$/).slice(0, most)) {
    const origins = originsOf(text, call, 'origins', 'supports_credentials');
    // What is not said is `*`, but for what `resources` says of a part of the app.
    const silent = !call.keywords['origins'] && call.spread !== true;
    const resources = call.keywords['resources'];
    if (silent && resources) origins.any = starIn(text, resources);
    else if (silent) origins.any = { ...call.range, endLine: call.range.line, endColumn: call.range.column + 1 };
    say({ ...origins, written: silent && !resources ? 'the default of Flask-CORS' : 'origins `*`' }, report);
  }
}

/** `CORSMiddleware(app, ...)`, `app.add_middleware(CORSMiddleware, ...)`, `Middleware(CORSMiddleware, ...)`. */
function setsCors({ callee, positional, keywords }: PythonCall): boolean {
  const given = positional[0] ?? keywords['middleware_class'];
  return callee.endsWith('CORSMiddleware') || given?.name?.endsWith('CORSMiddleware') === true;
}

function originsOf(text: PythonSubject, { keywords }: PythonCall, origins: string, credentials: string): Origins {
  const given = keywords[origins];
  const pattern = keywords['allow_origin_regex'];
  const cookies = keywords[credentials];
  const fits = typeof pattern?.value === 'string' && anything.test(pattern.value);
  const star = given ? starIn(text, given) : null;
  return {
    any: star ?? (fits ? (pattern.innerRange ?? pattern.range) : null),
    written: star ? `${origins} \`*\`` : 'a pattern that fits everything',
    credentials: cookies?.value === true ? cookies : undefined,
  };
}

/** A pattern of origins that fits every page. */
const anything = /^\^?(?:https?:\/\/|https\?:\/\/|\(\?:[^)]*\))?(?:\.[*+]|\(\.[*+]\))\$?$/;

/** `"*"` in what is given, or in the list that a name stands for which is given. */
function starIn(
  { strings, text }: PythonSubject,
  { value, range, innerRange, name }: PythonArgument,
): TextRange | null {
  if (value === '*') return innerRange ?? range;
  const inside = strings.find((each) => each.value === '*' && isInside(each.range, range));
  if (inside) return inside.innerRange;
  if (name === undefined || !/^\w+$/.test(name)) return null;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => new RegExp(`^\\s*${name}\\s*(?::[^=]*)?=\\s*\\[`).test(line.slice(0, 400)));
  if (at < 0) return null;
  const last = lines.findIndex((line, index) => index >= at && line.includes(']'));
  const star = strings.find(({ value: each, range: own }) => each === '*' && own.line > at && own.line <= last + 1);
  return star?.innerRange ?? null;
}

function say({ any, written, credentials }: Origins, report: Reporter): void {
  if (!any) return;
  if (!credentials) {
    report({
      message: `Every web page may call this app (${written}). Name the origins, unless the app is open to everybody anyway.`,
      severity: 'info',
      location: placeOf(any),
      evidence: { weakness: 'cors-star', credentials: false },
    });
    return;
  }
  report({
    message: `Every web page may call this app in the name of whoever has it open (${written}, with credentials): it reads what they may read. Name the origins, or leave credentials out.`,
    severity: 'warning',
    location: placeOf(any),
    evidence: { weakness: 'cors-star', credentials: true },
    fixes: ['set-safe-value'],
    edits: [
      {
        fix: 'set-safe-value',
        kind: 'suggestion',
        title: 'Leave credentials out',
        changes: [replace(credentials.range, 'False')],
      },
    ],
  });
}
