/** Whether a text names a repository of a model or dataset hub: `org/name`, or `name` alone where `bare` says so. */
export function isHubName(value: string, bare = false): boolean {
  if (value.length > 200 || /^(?:[./~]|[A-Za-z]:[\\/])/.test(value) || value.includes('..')) return false;
  // A file has an end; a repository's name may hold dots (`Llama-3.1-8B`).
  if (
    /\.(?:py|json|jsonl|ya?ml|txt|csv|tsv|parquet|arrow|pt|pth|bin|ckpt|safetensors|gguf|pkl|zip|tar|gz|onnx|h5|keras)$/i.test(
      value,
    )
  )
    return false;
  if (bare && /^[A-Za-z0-9][\w.-]*$/.test(value)) return true;
  return (
    /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(value) &&
    !/^(?:data|datasets?|models?|outputs?|checkpoints?|ckpts?|results?|examples?|src|configs?|mnt|tmp|home|opt|workspace|saves|runs|logs|cache|path|local|root|usr|var|content)\//i.test(
      value,
    )
  );
}

/** A full commit of Git: forty hexadecimal digits. Anything shorter, a tag, or a branch can come to mean something else. */
export function isCommit(revision: unknown): boolean {
  return typeof revision === 'string' && /^[0-9a-f]{40}$/i.test(revision);
}
