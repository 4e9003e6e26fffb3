export function packagedPlaces(root: string): string[];
export function stage(root: string, folder: string): void;
export function packageDigest(root: string, more?: string[]): string;
