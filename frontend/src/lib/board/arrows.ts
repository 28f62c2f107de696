/** Arrow keys from card to card. Each card stays in the ordinary order of Tab as well. */

const CARDS = 'a[data-card]';
type Step = (cards: HTMLElement[], at: number) => HTMLElement | undefined;

const STEPS: Record<string, Step> = {
  ArrowRight: (cards, at) => cards[at + 1],
  ArrowLeft: (cards, at) => cards[at - 1],
  ArrowDown: (cards, at) => inNextRow(cards, at, 1),
  ArrowUp: (cards, at) => inNextRow(cards, at, -1),
  Home: (cards) => cards[0],
  End: (cards) => cards.at(-1),
};

/** An attachment for what holds the cards. */
export function arrowKeys(board: HTMLElement): () => void {
  const pressed = (event: KeyboardEvent) => move(board, event);
  board.addEventListener('keydown', pressed);
  return () => board.removeEventListener('keydown', pressed);
}

function move(board: HTMLElement, event: KeyboardEvent): void {
  const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined;
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const cards = [...board.querySelectorAll<HTMLElement>(CARDS)];
  const at = cards.indexOf(event.target as HTMLElement);
  const next = at === -1 ? undefined : step(cards, at);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** The card of the next row that stands nearest below (or above) this one. */
function inNextRow(cards: HTMLElement[], at: number, direction: 1 | -1): HTMLElement | undefined {
  const from = cards[at]?.getBoundingClientRect();
  let nearest: { card: HTMLElement; top: number; apart: number } | undefined;
  for (let index = at + direction; from !== undefined; index += direction) {
    const card = cards[index];
    if (card === undefined) break;
    const { top, left } = card.getBoundingClientRect();
    if (Math.abs(top - from.top) < 1) continue;
    if (nearest !== undefined && Math.abs(top - nearest.top) >= 1) break;
    const apart = Math.abs(left - from.left);
    if (nearest === undefined || apart < nearest.apart) nearest = { card, top, apart };
  }
  return nearest?.card;
}
