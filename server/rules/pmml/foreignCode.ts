import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const pmmlForeignCode = defineRule({
  subject: 'graph',
  meta: {
    id: 'pmml/foreign-code',
    title: 'A PMML document calls code',
    severity: 'warning',
    description:
      'The document applies a function by the name of a Java class, or has an extension that holds or names a script. One finding for each name.',
    why: 'JPMML loads a class by the name that stands in the document, and scripts in extensions run in the evaluator: the document decides which code runs.',
    howToFix: 'Find out what the class or script does. A PMML model needs neither.',
    avoid: [
      {
        file: 'model.pmml',
        text: '<PMML version="4.4"><TransformationDictionary><DerivedField name="f" optype="categorical" dataType="string"><Apply function="com.example.Payload"><FieldRef field="x"/></Apply></DerivedField></TransformationDictionary></PMML>\n',
      },
    ],
    prefer: [
      {
        file: 'model.pmml',
        text: '<PMML version="4.4"><TransformationDictionary><DerivedField name="f" optype="continuous" dataType="double"><Apply function="ln"><FieldRef field="x"/></Apply></DerivedField></TransformationDictionary></PMML>\n',
      },
    ],
    references: [
      { title: 'PMML 4.4: functions', url: 'https://dmg.org/pmml/v4-4-1/Functions.html' },
      { title: 'JPMML-Evaluator: user-defined functions', url: 'https://github.com/jpmml/jpmml-evaluator' },
    ],
    cwe: [470, 829],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'pmml') return;
    for (const { what, name, offset } of part.references) {
      if (what !== 'class' && what !== 'code') continue;
      report({
        message:
          what === 'class'
            ? `Applies ${quoted(name)}, a class that the evaluator loads by this name. Find out what it does.`
            : `Has an extension with a script (${quoted(name)}). Find out what it does before an evaluator runs it.`,
        location: bytePlace(part, offset),
        evidence: { what, name },
      });
    }
  },
});
