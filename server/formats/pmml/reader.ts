import { GraphCollector } from '../graph/collector.ts';
import type { Reader } from '../reader.ts';
import { xmlAttribute, xmlEntities, xmlTags, type XmlTag } from '../xml/tags.ts';

/** Elements that are models. Source: PMML 4.4, general structure. */
const model = /Model$|^(?:NeuralNetwork|Scorecard|RuleSetModel|AnomalyDetectionModel)$/;

/**
 * Reads a PMML document: its models, the functions that it applies, and what it names outside of itself. A function with a dotted
 * name is a class of the evaluator's host: JPMML loads it by that name.
 */
export const readPmml: Reader = (source, context) => {
  const found = new GraphCollector(context, 'pmml');
  let extensions = 0;
  for (const tag of xmlTags(source, context)) {
    const { offset } = tag;
    // Documents may give the elements a prefix of their namespace.
    const name = tag.name.replace(/^.*:/, '');
    if (tag.kind === 'doctype') {
      for (const { name: entity, external, value } of xmlEntities(tag))
        found.reference('entity', entity, value, offset, external ? {} : { breach: 'internal' });
    } else if (tag.kind === 'close') {
      if (name === 'Extension' && extensions > 0) extensions--;
    } else if (name === 'include') include(tag, found);
    else if (name === 'PMML') found.property('version', xmlAttribute(tag, 'version') ?? '');
    else if (name === 'Application') found.property('producer', xmlAttribute(tag, 'name') ?? '');
    else if (name === 'Apply') {
      const applied = xmlAttribute(tag, 'function') ?? '';
      found.operator('', applied, offset);
      if (/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(applied)) found.reference('class', 'Apply', applied, offset);
    } else if (name === 'Extension') {
      if (!tag.text.trimEnd().endsWith('/')) extensions++;
      const words = ['name', 'extender', 'value'].map((key) => xmlAttribute(tag, key) ?? '');
      if (words.some((word) => /script|groovy|beanshell|python|\bclass\b/i.test(word.slice(0, 1_000))))
        found.reference('code', 'Extension', words.filter((word) => word !== '').join(' '), offset);
    } else if (/^script$/i.test(name)) found.reference('code', name, 'script', offset);
    else if (name === 'TableLocator' || name === 'InlineTable') continue;
    else if (model.test(name)) found.operator('model', name, offset);
  }
  found.finish();
};

/** What a parser that follows XInclude puts in its place. Source: XML Inclusions 1.0. */
function include(tag: XmlTag, found: GraphCollector): void {
  const address = xmlAttribute(tag, 'href');
  if (address !== null && address !== '') found.reference('include', tag.name, address, tag.offset);
}
