import { BomView } from '../bomView.ts';
import type { JsonObject } from '../validate/document.ts';
import { annexXi } from './annexXi.ts';
import { g7 } from './g7.ts';

/** One element of a list of what a bill of materials should say. */
export interface Element {
  id: string;
  title: string;
  /** Whether something stands there; what it is worth, only a person can say. */
  present: (bom: BomView) => boolean;
  /** The key of `aibom.enrich.yaml`, or the file, that fills it; absent where no one source does. */
  fill?: string;
}

export interface ElementState {
  id: string;
  title: string;
  present: boolean;
  fill?: string;
}

/** How much of a list is there: a meter, and no verdict on any law. */
export interface Coverage {
  id: 'g7' | 'annex-xi';
  title: string;
  present: number;
  total: number;
  elements: ElementState[];
}

/** Coverage of a bill of materials by each list. */
export function coverageOf(root: JsonObject): Coverage[] {
  const bom = new BomView(root);
  return [
    meter('g7', 'G7/CISA: SBOM for AI, minimum elements', g7, bom),
    meter('annex-xi', 'EU AI Act, Article 53 and Annex XI: documentation of general-purpose AI models', annexXi, bom),
  ];
}

function meter(id: Coverage['id'], title: string, list: readonly Element[], bom: BomView): Coverage {
  const elements = list.map(({ id: element, title: name, present, fill }) => ({
    id: element,
    title: name,
    present: present(bom),
    ...(fill === undefined ? {} : { fill }),
  }));
  return { id, title, present: elements.filter((each) => each.present).length, total: elements.length, elements };
}
