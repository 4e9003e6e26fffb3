type Child = Node | string | null | undefined | false;

interface Attributes {
  class?: string;
  id?: string;
  role?: string;
  title?: string;
  type?: string;
  onclick?: () => void;
  [attribute: `aria-${string}` | `data-${string}`]: string;
}

/**
 * Makes an element. Text becomes text nodes and nothing else: names and messages come from files that nobody vouches for,
 * so nothing here ever parses markup.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes) as [string, string | (() => void) | undefined][]) {
    if (typeof value === 'function') made.addEventListener('click', value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) made.append(child);
  return made;
}

export function button(label: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', ...attributes, onclick }, label);
}

export function number(value: number): string {
  return value.toLocaleString('en');
}

/** `1.2 GB (1,234,567,890 bytes)`; powers of ten, as disks and hubs count. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit] ?? ''} (${number(bytes)} bytes)`;
}
