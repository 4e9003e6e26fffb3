import { get, isObject, type JsonObject, list, text } from './validate/document.ts';

/** A component with its pointer. */
export interface Placed {
  value: JsonObject;
  pointer: string;
}

/** A bill of materials as readers ask for it. */
export class BomView {
  readonly root: JsonObject;
  /** All components, nested ones among them. */
  readonly components: Placed[];
  /** The model that the document is about: the subject, or the first model. */
  readonly model: Placed | null;

  constructor(root: JsonObject) {
    this.root = root;
    const subject = get(root, 'metadata', 'component');
    const placed = isObject(subject) ? { value: subject, pointer: '/metadata/component' } : null;
    const top = list(root['components']).map((value, index) => ({ value, pointer: `/components/${index}` }));
    this.components = flattened([...(placed ? [placed] : []), ...top.filter(isPlaced)]);
    const isModel = ({ value }: Placed) => value['type'] === 'machine-learning-model';
    this.model =
      placed && isModel(placed)
        ? placed
        : (this.components.find((each) => isModel(each) && each.value['modelCard'] !== undefined) ??
          this.components.find(isModel) ??
          placed);
  }

  get card(): JsonObject | null {
    const card = this.model?.value['modelCard'];
    return isObject(card) ? card : null;
  }

  /** Components of type `data`; and the datasets that stand inline in the model card. */
  get datasets(): JsonObject[] {
    const inline = list(get(this.card, 'modelParameters', 'datasets')).filter(
      (each): each is JsonObject => isObject(each) && each['ref'] === undefined,
    );
    return [...this.components.filter(({ value }) => value['type'] === 'data').map(({ value }) => value), ...inline];
  }

  /** Files of the model, by path. */
  get files(): Placed[] {
    return this.components.filter(
      ({ value, pointer }) =>
        value['type'] === 'file' && (this.model === null || pointer.startsWith(this.model.pointer)),
    );
  }

  /** Value of a property anywhere on the model, its card or the document's metadata. */
  property(name: string): string | undefined {
    for (const holder of [this.card, this.model?.value, get(this.root, 'metadata')]) {
      const found = propertyOf(holder, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether the model refers to something of this type, and optionally with this comment. */
  hasReference(types: readonly string[], comment?: RegExp): boolean {
    const references = [...list(this.model?.value['externalReferences']), ...list(this.root['externalReferences'])];
    return references.some(
      (each) =>
        types.includes(String(get(each, 'type'))) &&
        (comment === undefined || comment.test(text(get(each, 'comment')) ?? '')),
    );
  }
}

export function propertyOf(holder: unknown, name: string): string | undefined {
  const found = list(get(holder, 'properties')).find((each) => get(each, 'name') === name);
  return text(get(found, 'value'));
}

const isPlaced = (entry: { value: unknown; pointer: string }): entry is Placed => isObject(entry.value);

function flattened(components: readonly Placed[]): Placed[] {
  return components.flatMap((each) => [
    each,
    ...flattened(
      list(each.value['components'])
        .map((value, index) => ({ value, pointer: `${each.pointer}/components/${index}` }))
        .filter(isPlaced),
    ),
  ]);
}
