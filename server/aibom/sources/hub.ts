/** A dataset on the Hub, when the name can be one. */
export function hubDataset(name: string, revision?: string): { url?: string; version?: string } {
  if (!/^[\w.-]+(?:\/[\w.-]+)?$/.test(name) || /\.(?:jsonl?|csv|parquet|txt|tsv|arrow)$/i.test(name)) return {};
  return { url: `https://huggingface.co/datasets/${name}`, ...(revision ? { version: revision } : {}) };
}

/** The package address of a model on the Hub; the purl specification wants the version in lower case. */
export function hubPurl(place: string, version?: string): string {
  const path = place.split('/').map(encodeURIComponent).join('/');
  return `pkg:huggingface/${path}${version === undefined ? '' : `@${encodeURIComponent(version.toLowerCase())}`}`;
}
