/**
 * Text for a notification. VS Code makes a link of `[words](command:...)` in one, which runs the command when it is clicked; and
 * what is told here quotes names and calls from files that nobody vouches for.
 */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}

/** Sentences of one notification; those that are empty are left out. */
export function sentences(...all: string[]): string {
  return all.filter((sentence) => sentence !== '').join(' ');
}
