/**
 * Text for a notification. VS Code makes a link of `[words](command:...)` in one, which runs the command when it is clicked; and
 * what is told here quotes names and calls from files that nobody vouches for.
 */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
