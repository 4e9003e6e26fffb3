import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyseTemplate } from './analyse.ts';
import { realTemplates } from './realTemplates.fixture.ts';

const codes = (template: string): string[] => analyseTemplate(template).map(({ code, name }) => `${code} ${name}`);
const found = (template: string, ...expected: string[]): void => {
  const told = codes(template);
  for (const each of expected) assert.ok(told.includes(each), `${template}: ${each} is not among ${told.join(', ')}`);
};

describe('what leads to the internals of Python', () => {
  for (const [how, template] of Object.entries({
    'a dot': '{{ x.__class__ }}',
    'a subscript': "{{ x['__class__'] }}",
    'the filter attr': "{{ x|attr('__class__') }}",
    'hexadecimal escapes': String.raw`{{ ''['\x5f\x5fclass\x5f\x5f'] }}`,
    'octal escapes': String.raw`{{ ''['\137\137class\137\137'] }}`,
    'wide escapes': String.raw`{{ ''['\u005f\u005fclass\U0000005f_'] }}`,
    'strings side by side': "{{ ''['__cla' 'ss__'] }}",
    'a sum': "{{ ''['__cla' + 'ss__'] }}",
    'a concatenation': "{{ ''['__cla' ~ 'ss__'] }}",
    'a percent format': "{{ ''['%s%s' % ('__cla', 'ss__')] }}",
    'characters by number': "{{ ''[('%c' % 95) ~ '_class_' ~ ('%c' % 95)] }}",
    'the filter format': "{{ ''['%sclass%s'|format('__', '__')] }}",
    'the method format': "{{ ''['{0}class{0}'.format('__')] }}",
    'a join': "{{ ''[['__cla', 'ss__']|join] }}",
    'the method join': "{{ ''[''.join(['__cla', 'ss__'])] }}",
    'keys of a dictionary': "{{ ''[dict(__cla=a, ss__=b)|join] }}",
    'a replacement': "{{ ''['--class--'|replace('-', '_')] }}",
    'a reversal': "{{ ''['__ssalc__'[::-1]] }}",
    'the filter reverse': "{{ ''['__ssalc__'|reverse] }}",
    'a slice': "{{ ''['xx__class__yy'[2:-2]] }}",
    'lower case': "{{ ''['__CLASS__'|lower] }}",
    'a repetition': "{{ ''['_' * 2 ~ 'class' ~ '_' * 2] }}",
    'a variable': "{% set c = '__cl' %}{% set d = c ~ 'ass__' %}{{ x[d] }}",
    'a variable in one branch':
      "{% if a %}{% set k = '__class__' %}{% else %}{% set k = 'role' %}{% endif %}{{ x[k] }}",
    'a block assignment': '{% set k %}__class__{% endset %}{{ x[k] }}',
    'a namespace': "{% set ns = namespace(k='') %}{% set ns.k = '__class__' %}{{ x[ns.k] }}",
    'a loop': "{% for k in ['role', '__class__'] %}{{ x[k] }}{% endfor %}",
    'a choice': "{{ x['__class__' if a else 'role'] }}",
    'an item of a list': "{{ x[['a', '__class__'][1]] }}",
    'map with an attribute': "{{ [x]|map(attribute='__class__')|list }}",
    'map with a dotted attribute': "{{ [x]|map(attribute='a.__class__.b')|list }}",
    'map of attr': "{{ [x]|map('attr', '__class__')|list }}",
    selectattr: "{{ [x]|selectattr('__class__')|list }}",
    groupby: "{{ [x]|groupby('__class__') }}",
    sort: "{{ [x]|sort(attribute='__class__') }}",
    'a field of a format string': "{{ '{0.__class__}'.format(x) }}",
    'a field of a built format string': "{{ ('{0.__cl' ~ 'ass__}').format(x) }}",
    'a condition': '{% if x.__class__ %}{% endif %}',
    'a loop over it': '{% for c in x.__class__ %}{% endfor %}',
    'an assignment': '{% set y = x.__class__ %}',
    'a default of a macro': '{% macro f(a=x.__class__) %}{% endmacro %}',
    'a call block': '{% call(u) f(x.__class__) %}{% endcall %}',
    'a test': '{{ a is eq(x.__class__) }}',
    'a dictionary': '{{ {"a": x.__class__} }}',
    'a tag of whitespace control': '{%- if x.__class__ -%}{%- endif -%}',
    'a filter block': "{% filter attr('__class__') %}{% endfilter %}",
    'an unknown tag': '{% whatever x.__class__ %}',
    'an expression that does not parse': '{{ x.__class__ ??? y( }}',
    'a tag that does not end': '{{ x.__class__',
  }))
    it(`by ${how}`, () => found(template, 'reach __class__'));

  it('however long the chain', () =>
    found(
      "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
      'reach __init__',
      'reach __globals__',
      'call popen',
    ));
  it('through frames', () => found('{{ (x for y).gi_frame.f_globals }}{{ f.gi_frame.f_back }}', 'reach gi_frame'));
  it('through names with one underscore', () =>
    found('{{ self._TemplateReference__context }}', 'private _TemplateReference__context'));
  it('through names that cannot be known', () => {
    found("{{ x['__' ~ y ~ '__'] }}", 'built-name [...]');
    found('{{ x|attr(y) }}', 'built-name attr');
    found("{% macro f(a, b) %}{{ x[a ~ b] }}{% endmacro %}{{ f('__cl', 'ass__') }}", 'built-name [...]');
  });
  it('through variables and functions that no template is given', () => {
    found("{{ __builtins__['eval']('1') }}", 'reach __builtins__');
    found("{{ __import__('subprocess').call(['id']) }}", 'reach __import__');
    found("{{ getattr(getattr('', '__class__'), '__mro__') }}", 'reach __class__', 'call getattr');
    found("{{ open('/etc/passwd').read() }}", 'call open');
    found('{% debug %}', 'call debug');
    assert.deepEqual(codes('{% macro open(x) %}{{ x }}{% endmacro %}{% set getattr = 1 %}{{ getattr }}'), []);
  });
  it('through an item of a function whose name is not known', () =>
    found("{{ cycler[messages[0]['content']] }}", 'built-name cycler'));
  it('through the variables of a translation', () =>
    found('{% trans x=lipsum.__globals__ %}{{ x }}{% endtrans %}', 'reach __globals__'));
  it('through other templates', () => found("{% include 'x' %}", 'include include'));

  it('with the place of it', () => {
    const [reach] = analyseTemplate("text {{ x['__class__'] }}");
    assert.deepEqual(reach, { code: 'reach', name: '__class__', offset: 9, text: "{{ x['__class__'] }}" });
  });
});

describe('what templates for chats do', () => {
  for (const [model, template] of Object.entries(realTemplates))
    it(`${model}: nothing is told of it`, () => assert.deepEqual(codes(template), []));

  for (const template of [
    'the word __class__ and os.system outside of tags',
    "{{ 'in a text: __class__, eval(, import os' }}",
    '{# x.__class__ in a comment #}',
    '{% raw %}{{ x.__class__ }}{% endraw %}',
    "{{ messages[loop.index0 + 1]['role'] }}",
    '{{ tools[0].function.name | tojson(indent=4) }}',
    "{{ message.content.split('</think>')[-1].lstrip('\\n') }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
    "{{ '{:02d}'.format(5) }}",
    '{{ items[key] }}{{ message[role_key] }}',
    "{{ raise_exception('x') if not (a is defined and b is not none) else '' }}",
  ])
    it(template, () => assert.deepEqual(codes(template), []));
});

describe('hostile templates', () => {
  it('end however deep they are nested', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['[', ']'],
      ['{1:', '}'],
      ['not ', ''],
      ['-', ''],
      ['x[', ']'],
    ] as const) {
      const template = `{{ ${open.repeat(20_000)}x.__class__${close.repeat(20_000)} }}`;
      found(template, 'reach __class__');
    }
    found(`{{ a${'.b'.repeat(50_000)}.__class__ }}`, 'reach __class__');
    found(`{{ a${' + a'.repeat(50_000)} + a.__class__ }}`, 'reach __class__');
    found(`{{ a${'|b'.repeat(50_000)}.__class__ }}`, 'reach __class__');
  });

  it('do not multiply', () => {
    const doubled = Array.from({ length: 60 }, () => '{% set x = x ~ x %}').join('');
    assert.doesNotThrow(() => codes(`{% set x = 'aaaa' %}${doubled}{{ y[x] }}`));
  });

  it('may be cut and changed anywhere', () => {
    const template = Object.values(realTemplates).join('') + "{{ ''['%s'|format('__class__')] }}";
    for (let at = 0; at < template.length; at += 7) {
      assert.ok(Array.isArray(codes(template.slice(at, at + 400))));
      const changed = template.slice(at, at + 200) + '{}[]()|.%"\'\\'[at % 12] + template.slice(at + 201, at + 400);
      assert.ok(Array.isArray(codes(changed)));
    }
  });
});

it('a variable between double underscores is one of the template, unless Python has it', () => {
  assert.deepEqual(codes('{% if __enable_buildkit__ %}# syntax = docker/dockerfile:1.4{% endif %}'), []);
  found('{{ __import__ }}', 'reach __import__');
  found('{{ __builtins__.x }}', 'reach __builtins__');
});
