/** Functions whose results can be named without calling them, by their canonical names. */

/** Functions that make an object of the class that is their first argument, and what of the rest reaches the class. */
export const makers: Readonly<Record<string, 'base' | 'rest' | 'arguments'>> = {
  'copyreg._reconstructor': 'base',
  'copyreg.__newobj__': 'rest',
  'copyreg.__newobj_ex__': 'arguments',
};

/** Functions that give the attribute of their first argument that their second one names. */
export const attributeGetters = new Set([
  'builtins.getattr',
  'builtins.object.__getattribute__',
  'builtins.type.__getattribute__',
  'xmlrpc.server.resolve_dotted_attribute',
]);
export const itemGetters = new Set([
  'operator.getitem',
  'builtins.dict.get',
  'builtins.dict.pop',
  'builtins.dict.setdefault',
]);
export const importers = new Set([
  'importlib.import_module',
  'importlib.__import__',
  'importlib._bootstrap._gcd_import',
  'builtins.__import__',
]);
/** Functions that find anything by its dotted path. */
export const locators = new Set([
  'pkgutil.resolve_name',
  'pydoc.locate',
  'unittest.mock._importer',
  'werkzeug.utils.import_string',
  'django.utils.module_loading.import_string',
]);
/** Functions that call their first argument with each item of the others, and whether that gives a list of results. */
export const appliers: Readonly<Record<string, boolean>> = {
  'builtins.map': true,
  'itertools.starmap': true,
  'builtins.filter': false,
  'itertools.filterfalse': false,
  'itertools.takewhile': false,
  'itertools.dropwhile': false,
};
/** Functions that call their first argument with the items of the second, and fill what that gives. */
export const rebuilders = new Set(['dill._dill._create_array', 'jax._src.array._reconstruct_array']);
/** Functions that call one of their arguments in some way. */
export const callers = new Set([
  'builtins.sorted',
  'builtins.min',
  'builtins.max',
  'builtins.iter',
  'itertools.accumulate',
  'itertools.groupby',
]);
/** Functions that only hand on what they are given: what is done with it is told. */
export const passing = new Set([
  ...importers,
  ...Object.keys(appliers),
  ...callers,
  'functools.reduce',
  'functools.partial',
  'operator.call',
  'operator.methodcaller',
  'builtins.vars',
  'builtins.type',
  'io.BytesIO',
]);
/** Types that hold the bytes that they are made of. */
export const holders = new Set(['io.BytesIO', 'builtins.bytearray', 'builtins.bytes', 'builtins.memoryview']);
/** Callables that wait for the object that they work on. */
export const waiting = new Set(['operator.attrgetter', 'operator.methodcaller', 'operator.itemgetter']);
/** Values that exist once, and how the names of their types begin in `types`. */
export const singletons: ReadonlyMap<string, string> = new Map([
  ['builtins.Ellipsis', 'Ellipsis'],
  ['builtins.NotImplemented', 'NotImplemented'],
]);
