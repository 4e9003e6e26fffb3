import type { EditedJson } from './editedJson.ts';
import type { EditedPython } from './editedPython.ts';
import type { EditedYaml } from './editedYaml.ts';
import type { ConfigText, PythonText } from './parse.ts';

/** One text that is being edited, as `parseText` keeps it between versions. What it gave holds until it is asked again. */
export class EditedText {
  #python: EditedPython | null = null;
  #yaml: EditedYaml | null = null;
  #json: EditedJson | null = null;

  async python(text: string): Promise<PythonText> {
    const { EditedPython } = await import('./editedPython.ts');
    return (this.#python ??= new EditedPython()).parse(text);
  }

  async yaml(text: string): Promise<ConfigText<'yaml'>> {
    const { EditedYaml } = await import('./editedYaml.ts');
    return (this.#yaml ??= new EditedYaml()).parse(text);
  }

  async json(text: string): Promise<ConfigText<'json'>> {
    const { EditedJson } = await import('./editedJson.ts');
    return (this.#json ??= new EditedJson()).parse(text);
  }

  /** Gives back what it holds. */
  dispose(): void {
    this.#python?.dispose();
    this.#python = null;
    this.#yaml = null;
    this.#json = null;
  }
}
