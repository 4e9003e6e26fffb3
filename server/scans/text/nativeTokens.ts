/**
 * Whether every token of a trigger belongs to a class by nature: it stands in two clean texts at least that the model puts there, and three times as often
 * as in the others.
 * @param texts the ids of clean texts, and `predicted` the class of each.
 */
export function nativeTokens(
  trigger: readonly number[],
  texts: readonly (readonly number[])[],
  predicted: ArrayLike<number>,
  target: number,
): boolean {
  return trigger.every((token) => {
    const counts = { own: 0, others: 0, ownTexts: 0, otherTexts: 0 };
    texts.forEach((text, index) => {
      const own = predicted[index] === target;
      const holds = text.includes(token) ? 1 : 0;
      counts[own ? 'own' : 'others'] += holds;
      counts[own ? 'ownTexts' : 'otherTexts']++;
    });
    const own = counts.own / Math.max(1, counts.ownTexts);
    const others = counts.others / Math.max(1, counts.otherTexts);
    return counts.own >= 2 && own > 3 * others;
  });
}
