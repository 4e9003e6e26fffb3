import * as Models from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json } from '@cyclonedx/cyclonedx-library/Serialize';

/** Parts of CycloneDX that its library has no model of yet; they are written as they stand. */
export type Plain = Record<string, unknown>;

/** A component with what the library leaves out: model cards, data, pedigree and the rest. */
export class MlComponent extends Models.Component {
  more: {
    authors?: { name: string }[];
    tags?: string[];
    pedigree?: Plain;
    evidence?: Plain;
    releaseNotes?: Plain;
    modelCard?: Plain;
    data?: Plain[];
  } = {};
}

/** A document with what the library leaves out. */
export class MlBom extends Models.Bom {
  more: { compositions?: Plain[]; formulation?: Plain[]; citations?: Plain[] } = {};
}

type Options = Parameters<Json.Normalize.BomNormalizer['normalize']>[1];

class MlComponentNormalizer extends Json.Normalize.ComponentNormalizer {
  override normalize(data: Models.Component, options: Options): Json.Types.Normalized.Component | undefined {
    const normalized = super.normalize(data, options);
    return normalized && data instanceof MlComponent ? Object.assign(normalized, data.more) : normalized;
  }
}

class MlBomNormalizer extends Json.Normalize.BomNormalizer {
  override normalize(data: Models.Bom, options: Options): Json.Types.Normalized.Bom {
    const normalized = super.normalize(data, options);
    return data instanceof MlBom ? Object.assign(normalized, data.more) : normalized;
  }
}

/** The library's normalisers, with ours for what it has no model of. */
export class MlFactory extends Json.Normalize.Factory {
  override makeForComponent(): Json.Normalize.ComponentNormalizer {
    return new MlComponentNormalizer(this);
  }

  override makeForBom(): Json.Normalize.BomNormalizer {
    return new MlBomNormalizer(this);
  }
}
