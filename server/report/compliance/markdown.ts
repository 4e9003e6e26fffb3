import { count, printable } from '../printable.ts';
import type { ComplianceReport } from './complianceReport.ts';
import { limits, stateWords } from './words.ts';

export function complianceMarkdown({
  name,
  at,
  controls,
  counts,
  areas,
  severities,
  frameworks,
  meters,
  unread,
}: ComplianceReport): string {
  const lines = [
    `# Security of models and data: ${text(name)}`,
    '',
    `${at}. ${counts.met} of ${controls.length} controls met, ${counts['not-met']} not met, ${counts.unseen} cannot be seen from here. Open findings: ${severities.error} errors, ${severities.warning} warnings, ${severities.info} information.`,
    '',
    '## Controls',
    '',
    '| | control | state | what shows it | next |',
    '| --- | --- | --- | --- | --- |',
    ...controls.map(
      ({ title, state, evidence, next }, index) =>
        `| ${index + 1} | ${text(title)} | ${stateWords[state]} | ${evidence.map(text).join('<br>')} | ${next === null ? '' : text(next)} |`,
    ),
    '',
    '## Open findings by area',
    '',
    '| area | errors | warnings | information |',
    '| --- | --- | --- | --- |',
    ...areas.map(({ area, error, warning, info }) => `| ${text(area)} | ${error} | ${warning} | ${info} |`),
    '',
    ...(meters.length === 0
      ? []
      : ['## Bills of materials', '', '| file | list | present | missing |', '| --- | --- | --- | --- |']),
    ...meters.map(
      ({ file, title, present, total, missing }) =>
        `| ${text(file)} | ${text(title)} | ${present} of ${total} | ${missing.map(text).join('; ')} |`,
    ),
    ...(meters.length === 0 ? [] : ['']),
    ...frameworks.flatMap((framework) => [
      `## ${text(framework.name)}`,
      '',
      '| | rules that look at it | open findings |',
      '| --- | --- | --- |',
      ...framework.rows.map(({ id, rules, findings }) => `| ${text(id)} | ${rules} | ${findings} |`),
      '',
    ]),
    ...(unread.length === 0
      ? []
      : [`${count(unread.length, 'path')} could not be read: ${unread.map(({ path }) => text(path)).join(', ')}.`, '']),
    limits,
  ];
  return `${lines.join('\n')}\n`;
}

/** Text of files in Markdown: shown, never obeyed. */
function text(value: string): string {
  return printable(value)
    .replace(/[\\`*_{}[\]#|]/g, (character) => `\\${character}`)
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
