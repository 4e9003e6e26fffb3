const pages = 'https://github.com/weighbridge-dev/weighbridge/blob/main/docs/rules/';

/** Address of a rule's page. */
export function rulePageUrl(id: string): string {
  return `${pages}${id}.md`;
}
