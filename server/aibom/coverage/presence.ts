import { type BomView, propertyOf } from '../bomView.ts';
import { get, isObject, type JsonObject, list } from '../validate/document.ts';

type Test = (bom: BomView) => boolean;

const says = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(typeof value === 'object' && Object.keys(value).length === 0);

export const root =
  (...path: string[]): Test =>
  (bom) =>
    says(get(bom.root, ...path));

/** A field of the model's component. */
export const model =
  (...path: string[]): Test =>
  (bom) =>
    says(get(bom.model?.value, ...path));

/** A field of the model card. */
export const card =
  (...path: string[]): Test =>
  (bom) =>
    says(get(bom.card, ...path));

/** A property of the model whose name begins so. */
export const property =
  (...names: string[]): Test =>
  (bom) =>
    [bom.card, bom.model?.value, get(bom.root, 'metadata')].some((holder) =>
      list(get(holder, 'properties')).some((each) => names.some((name) => String(get(each, 'name')).startsWith(name))),
    );

export const reference =
  (types: string[], comment?: RegExp): Test =>
  (bom) =>
    bom.hasReference(types, comment);

export const either =
  (...tests: Test[]): Test =>
  (bom) =>
    tests.some((test) => test(bom));

export const both =
  (...tests: Test[]): Test =>
  (bom) =>
    tests.every((test) => test(bom));

/** There are datasets, and every one has it. */
export const everyDataset =
  (test: (dataset: JsonObject) => boolean): Test =>
  ({ datasets }) =>
    datasets.length > 0 && datasets.every(test);

export const has =
  (...path: string[]) =>
  (object: JsonObject): boolean =>
    says(get(object, ...path));

/** A field of the description in `data` of a dataset's component; or of a dataset that stands inline. */
export const dataField =
  (...path: string[]) =>
  (dataset: JsonObject): boolean =>
    says(get(dataset, ...path)) || list(dataset['data']).some((each) => says(get(each, ...path)));

export const datasetProperty =
  (prefix: string) =>
  (dataset: JsonObject): boolean =>
    list(dataset['properties']).some((each) => String(get(each, 'name')).startsWith(prefix)) ||
    propertyOf(get(dataset, 'contents'), prefix) !== undefined;

/** Hashes on every file of the model, or on the model itself. */
export const hashed: Test = (bom) =>
  bom.files.length > 0
    ? bom.files.every(({ value }) => list(value['hashes']).length > 0)
    : says(get(bom.model?.value, 'hashes'));

export const anyComponent =
  (...types: string[]): Test =>
  ({ components }) =>
    components.some(({ value }) => types.includes(String(value['type'])));

/** Any workflow of the formulation with a field, or a property that begins so. */
export const workflow =
  (field: string, ...prefixes: string[]): Test =>
  (bom) =>
    list(bom.root['formulation'])
      .flatMap((formula) => list(get(formula, 'workflows')))
      .some(
        (each) =>
          says(get(each, field)) ||
          (isObject(each) &&
            list(each['properties']).some((entry) =>
              prefixes.some((prefix) => String(get(entry, 'name')).startsWith(prefix)),
            )),
      );
