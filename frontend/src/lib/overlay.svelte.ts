/** What lies over the page: the command palette, or the sheet of keyboard shortcuts. */

class Overlay {
  shown = $state<'palette' | 'keys' | null>(null);
}

export const overlay = new Overlay();
