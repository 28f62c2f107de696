/** Shows each notification once in this browser, by whichever way and however often it comes. */

import type { Pushed, Said, ToPage } from './messages.ts';

/** What a test replaces. */
export interface ShowWorld {
  wasShown(id: string): Promise<boolean>;
  remember(id: string): Promise<void>;
  show(said: Said, silent: boolean): Promise<void>;
  /** The pages that somebody looks at. */
  watched(): Promise<{ postMessage(message: ToPage): void }[]>;
  /** Whether this browser is the first of the person's to show it. */
  claim(id: string, device: string): Promise<boolean>;
  badge(unseen: number): Promise<void>;
  /** WebKit takes the permission away from whoever shows nothing for a push, whatever the reason. */
  mustShow: boolean;
}

export class Showing {
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly world: ShowWorld) {}

  /** A push message came. */
  pushed(said: Pushed): Promise<void> {
    return this.#inTurn(async () => {
      await this.world.badge(said.badge);
      const wasShown = await this.world.wasShown(said.id);
      const pages = wasShown ? [] : await this.world.watched();
      for (const page of pages) page.postMessage({ kind: 'pushed', said });
      const quiet = wasShown || pages.length > 0;
      if (!quiet || this.world.mustShow) await this.world.show(said, quiet);
      await this.world.remember(said.id);
    });
  }

  /** A page that nobody looks at heard of it. */
  asked(said: Said, device: string): Promise<void> {
    return this.#inTurn(async () => {
      if (await this.world.wasShown(said.id)) return;
      if ((await this.world.watched()).length > 0) return;
      if (!(await this.world.claim(said.id, device))) return;
      await this.world.show(said, false);
      await this.world.remember(said.id);
    });
  }

  /** One after the other: the same message may come twice at once. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(run);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
