/** Longer texts are values and no names: they seldom come again. */
const longest = 200;
const most = 5_000;

/**
 * A question about a name (a key, a called function) whose answer depends on nothing else, asked once for each name: in one text
 * names come again and again.
 */
export function remembered<Answer>(ask: (name: string) => Answer): (name: string) => Answer {
  const answers = new Map<string, Answer>();
  return (name) => {
    if (name.length > longest) return ask(name);
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    if (answers.size >= most) answers.clear();
    answers.set(name, answer);
    return answer;
  };
}
