// An identity token lets whoever reads it sign in the person's name for as long as it lives. It must not reach a message,
// a log or a report: not even by way of an error that a library made of it.

/** What a JSON Web Token looks like: its header is JSON, and `{"` in base64url begins with `eyJ`. */
const tokenShape = /eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?/g;

/** @returns the text without the given secrets and without anything of the shape of a token, shortened to one line. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[secret]');
  clean = clean
    .replace(tokenShape, '[identity token]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return clean.length > 300 ? `${clean.slice(0, 300)}...` : clean;
}

/** The messages of an error and of what caused it, without secrets. Errors of `fetch` say in the cause alone what happened. */
export function reasonOf(error: unknown, secrets: readonly string[] = []): string {
  const messages: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && at !== null && depth < 5; depth++) {
    const message =
      at instanceof Error ? at.message || (at as NodeJS.ErrnoException).code : typeof at === 'string' ? at : '';
    if (message && !messages.some((known) => known.includes(message))) messages.push(message);
    at = at instanceof Error ? at.cause : undefined;
  }
  return withoutSecrets(messages.join(': '), secrets);
}
