/**
 * Attributes of Python objects, frames and code that lead from any value to everything else, beside the names between
 * double underscores. Source: jinja2/sandbox.py, `UNSAFE_FUNCTION_ATTRIBUTES` and those that follow it.
 */
const inside = new Set([
  'mro',
  'func_globals',
  'func_code',
  'func_closure',
  'im_func',
  'im_class',
  'im_self',
  'gi_frame',
  'gi_code',
  'gi_yieldfrom',
  'cr_frame',
  'cr_code',
  'ag_frame',
  'ag_code',
  'tb_frame',
  'tb_next',
  'f_globals',
  'f_locals',
  'f_builtins',
  'f_code',
  'f_back',
]);

/**
 * Variables between double underscores that Python itself has. Others (`__enable_buildkit__`, as BentoML's templates of Dockerfiles write)
 * are names of whoever made the template.
 */
const pythonVariables =
  /^__(?:import|builtins?|loader|spec|globals|class|bases?|subclasses|mro|init|self|dict|getattr(?:ibute)?|reduce(?:_ex)?|call|module|main|code|closure|func)__$/;

export const isPythonVariable = (name: string): boolean => pythonVariables.test(name);

/** Functions of Python's standard library and of Jinja that run what they are given. */
const running = new Set([
  'popen',
  'system',
  'eval',
  'exec',
  'execfile',
  'getoutput',
  'check_output',
  'import_module',
  'import_string',
  'from_string',
  'load_module',
]);

/**
 * Functions of Python that no environment for templates has. A call of one does nothing there, and only an attack on an
 * environment that does have it makes one.
 */
const builtIns = new Set([
  'getattr',
  'setattr',
  'eval',
  'exec',
  'compile',
  'open',
  'vars',
  'globals',
  'locals',
  'input',
  'breakpoint',
]);

/** Whether a name is a function of Python that gives a template more than data. */
export const isBuiltIn = (name: string): boolean => builtIns.has(name);

/** Variables of Jinja and of chat templates that are functions or classes: what they have beside a call is Python's. */
const callables = new Set([
  'cycler',
  'joiner',
  'lipsum',
  'namespace',
  'range',
  'dict',
  'self',
  'raise_exception',
  'strftime_now',
  'caller',
]);

export const isCallable = (name: string): boolean => callables.has(name);

/** Whether an attribute leads to Python's internals. */
export const leadsInside = (name: string): boolean => /^__\w+__$/.test(name) || inside.has(name);

/** Whether a method of that name runs what it is given. */
export const runsCode = (name: string): boolean => running.has(name);
