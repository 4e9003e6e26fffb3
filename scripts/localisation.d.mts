export function inWords<T>(part: T, words: Record<string, string>): T;
export function localisedTexts(root: string): Record<string, string>;
export function textsIn(name: string, source: string): string[];
