import { readFlatbuffer } from '../flatbuffer/table.ts';
import { GraphCollector } from '../graph/collector.ts';
import type { Reader } from '../reader.ts';

/**
 * Reads an ExecuTorch program: its operators, by namespace, and the delegates that run parts of it. Kernels are linked into the
 * application; the file cannot bring its own. Field numbers: ExecuTorch, schema/program.fbs.
 */
export const readExecutorch: Reader = (source, context) => {
  const found = new GraphCollector(context, 'executorch');
  readFlatbuffer(source, context, (file) => {
    const program = file.root();
    found.property('version', String(program.uint32(0)));
    for (const plan of program.tables(1)) {
      const where = plan.text(0) ?? '';
      for (const operator of plan.tables(6)) {
        const [domain, name] = parts(operator.text(0) ?? '');
        const overload = operator.text(1);
        found.operator(domain, overload ? `${name}.${overload}` : name, operator.offset, where);
      }
      for (const delegate of plan.tables(7)) found.operator('delegate', delegate.text(0) ?? '', delegate.offset, where);
    }
  });
  found.finish();
};

/** `aten::add` is `add` of `aten`. */
function parts(name: string): [domain: string, name: string] {
  const at = name.indexOf('::');
  return at < 0 ? ['', name] : [name.slice(0, at), name.slice(at + 2)];
}
