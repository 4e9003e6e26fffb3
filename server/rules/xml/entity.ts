import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

/** Replacement texts that repeat this many others are made to grow. */
const bombReferences = 5;

export const xmlEntity = defineRule({
  subject: 'graph',
  meta: {
    id: 'xml/entity',
    title: 'A model in XML declares entities',
    severity: 'error',
    description:
      'The document type of a PMML or OpenVINO file declares an entity that a parser would fetch from a file or an address, or is itself taken from elsewhere. Entities that only repeat one another, so that the text grows without bounds, are a warning, and so is an element of XInclude in a PMML file.',
    why: 'A parser with default settings reads the file or calls the address (XXE) while the model is being opened: it carries off keys, and reaches services behind the firewall.',
    howToFix: 'Do not open it. Neither format needs a document type: ask for the file without one.',
    avoid: [
      {
        file: 'model.pmml',
        text: '<?xml version="1.0"?>\n<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<PMML version="4.4"><Header copyright="&x;"/></PMML>\n',
      },
      {
        file: 'included.pmml',
        text: '<p:PMML version="4.4" xmlns:p="http://www.dmg.org/PMML-4_4" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></p:PMML>\n',
      },
    ],
    prefer: [
      { file: 'model.pmml', text: '<?xml version="1.0"?>\n<PMML version="4.4"><Header copyright="2025"/></PMML>\n' },
    ],
    references: [
      {
        title: 'OWASP: XML external entity processing',
        url: 'https://owasp.org/www-community/vulnerabilities/XML_External_Entity_(XXE)_Processing',
      },
    ],
    cwe: [611, 776],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const { what, name, offset } of part.references) {
      if (what !== 'include') continue;
      report({
        severity: 'warning',
        message: `Has ${quoted(name)} included by a parser that follows XInclude. Do not open this file.`,
        location: bytePlace(part, offset),
        evidence: { address: name },
      });
    }
    const entities = part.references.filter(({ what }) => what === 'entity');
    for (const { by, name, offset, breach } of entities) {
      if (breach !== undefined) continue;
      report({
        message: `Declares the entity ${quoted(by)}, which makes a parser fetch ${quoted(name)}. Do not open this file.`,
        location: bytePlace(part, offset),
        evidence: { entity: by, address: name },
      });
    }
    const bomb = entities.find(
      ({ name, breach }) => breach !== undefined && (name.match(/[&%][^;\s]+;/g)?.length ?? 0) >= bombReferences,
    );
    if (bomb === undefined) return;
    report({
      severity: 'warning',
      message: `Declares the entity ${quoted(bomb.by)}, which repeats others so that the text grows without bounds. Do not open this file.`,
      location: bytePlace(part, bomb.offset),
      evidence: { entity: bomb.by },
    });
  },
});
