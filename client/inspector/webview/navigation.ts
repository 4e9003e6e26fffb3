/** Keys that move, and where to, of `count` rows with `at` in focus. */
export function rowAfter(key: string, at: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, to));
}

/** Makes rows reachable by the arrow keys: one of them is in the focus order, and the arrows move from there. */
export function navigable(body: HTMLElement): void {
  const rows = () => [...body.children].filter((row): row is HTMLElement => row instanceof HTMLElement);
  const first = () => {
    const [row] = rows();
    if (row && !body.querySelector(':scope > [tabindex="0"]')) row.tabIndex = 0;
  };
  new MutationObserver(first).observe(body, { childList: true });
  first();
  body.addEventListener('keydown', (event) => {
    const all = rows();
    const at = all.findIndex((row) => row === document.activeElement);
    const to = at === -1 ? null : rowAfter(event.key, at, all.length, 10);
    const next = to === null ? undefined : all[to];
    if (!next) return;
    event.preventDefault();
    for (const row of all) row.tabIndex = row === next ? 0 : -1;
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  });
}
