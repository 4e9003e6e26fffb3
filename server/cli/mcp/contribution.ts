import { inputSchema, readsFiles } from './inputs.ts';
import { tools, type Tool } from './tools.ts';

/** What the names of our tools begin with in an editor, where those of all extensions stand in one list. */
const prefix = 'weighbridge_';

/** The setting that says how assistants reach us. */
const offered = "config.weighbridge.assistants == 'tools'";

/** `contributes.languageModelTools` of the extension's manifest. Source: VS Code, "Language Model Tool API". */
export function contributedTools() {
  return tools.map((tool) => ({
    name: `${prefix}${tool.name}`,
    displayName: `%${titleKey(tool)}%`,
    userDescription: `%${descriptionKey(tool)}%`,
    modelDescription: tool.description,
    toolReferenceName: referenceName(tool),
    canBeReferencedInPrompt: true,
    icon: '$(shield)',
    tags: ['weighbridge', 'security'],
    when: readsFiles(tool.name) ? `${offered} && isWorkspaceTrusted && workspaceFolderCount > 0` : offered,
    inputSchema: inputSchema(tool),
  }));
}

/** The words of it that people read, by their keys in `package.nls.json`. */
export function contributedWords(): Record<string, string> {
  return Object.fromEntries(
    tools.flatMap((tool) => [
      [titleKey(tool), tool.title],
      [descriptionKey(tool), tool.description],
    ]),
  );
}

const titleKey = ({ name }: Tool) => `tools.${name}.displayName`;
const descriptionKey = ({ name }: Tool) => `tools.${name}.userDescription`;

/** `verify_signature`: `weighbridgeVerifySignature`, as other extensions write what is typed after `#`. */
const referenceName = ({ name }: Tool) =>
  `weighbridge_${name}`.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
