import python2Names from './python2Names.json' with { type: 'json' };

const modules: Readonly<Record<string, string>> = python2Names.modules;
const names: Readonly<Record<string, string>> = python2Names.names;

/**
 * The name that an unpickler with `fix_imports` (the default) looks up for a stream of protocol 0 to 2.
 * Source: CPython `find_class` and `Lib/_compat_pickle.py`: the pair first, then the module.
 */
export function mapPython2Name(module: string, name: string): { module: string; name: string } {
  const pair = Object.hasOwn(names, `${module} ${name}`) ? names[`${module} ${name}`] : undefined;
  if (pair !== undefined) {
    const space = pair.indexOf(' ');
    return { module: pair.slice(0, space), name: pair.slice(space + 1) };
  }
  return { module: (Object.hasOwn(modules, module) ? modules[module] : undefined) ?? module, name };
}

/** True for a dotted Python name: `os`, `torch._utils`, `Path.write_text`, letters of any script. */
export function isDottedName(text: string): boolean {
  return /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*(\.[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*)*$/u.test(
    text,
  );
}
