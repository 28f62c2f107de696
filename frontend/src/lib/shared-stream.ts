/**
 * One live connection for all tabs in which a person has the pages open in one browser.
 *
 * Browsers allow six connections to one host over HTTP/1.1, and the server a few streams for each person. So one tab
 * leads: it holds the connection and tells the others what comes. When it is closed or crashes, the browser gives the
 * lead to another; when it only falls silent (a frozen page on a phone), or is hidden and so slowed down, a tab that
 * is looked at takes the lead. Every tab keeps its own place in the stream: it takes an update in only behind the one
 * before, asks the leader for what it lacks, and reads everything anew when that is no longer known.
 * Where a browser has no locks or channels (pages over plain HTTP have no locks), every tab leads for itself.
 */

import { Lead, type Locks } from './lead.ts';
import { LeaderWatch } from './leader-watch.ts';
import { type ChainedUpdate, RecentUpdates } from './recent-updates.ts';
import { browserWorld, Stream, type StreamHandlers, type StreamStatus, type StreamWorld } from './stream.ts';
import { type Channel, channelName, type TabMessage } from './tab-messages.ts';

/** What a test replaces. */
export interface TabsWorld extends StreamWorld {
  locks: Locks | undefined;
  channel: ((name: string) => Channel) | undefined;
  uniqueName(): string;
}

type LeaderMessage = Extract<TabMessage, { kind: 'leader' }>;

export class SharedStream {
  readonly #me: string;
  readonly #watch: LeaderWatch;
  #owner = '';
  #status: StreamStatus = 'stopped';
  #lastId = 0;
  #recent = new RecentUpdates(0);
  /** The connection itself: only where this tab leads. */
  #stream: Stream | null = null;
  #lead: Lead | null = null;
  #channel: Channel | null = null;
  #isAway = false;
  #isNew = true;

  constructor(
    private readonly handlers: StreamHandlers,
    private readonly world: TabsWorld = theBrowser,
  ) {
    this.#me = world.uniqueName();
    const ask = () => this.#tell({ kind: 'ask', from: this.#me, after: this.#lastId });
    this.#watch = new LeaderWatch(world, ask, () => this.#lead?.steal());
  }

  get lastEventId(): number {
    return this.#lastId;
  }

  /** Follow from `streamId` on, as `owner`. Does nothing when it already runs: then it is ahead of any list. */
  start(streamId: number, owner: string): void {
    if (this.#status !== 'stopped') return;
    this.#owner = owner;
    this.#place(streamId);
    this.#isNew = true;
    this.#say(this.world.isOnline() ? 'connecting' : 'offline');
    this.#join();
  }

  /** The person signed out: the other tabs hear of it. */
  stop(): void {
    if (this.#status === 'stopped') return;
    this.#tell({ kind: 'left' });
    this.#part();
    this.#isAway = false;
    this.#say('stopped');
  }

  /** After `superseded`: the person wants to follow here again. This tab leads, the others of the browser follow it. */
  resume(): void {
    if (this.#status !== 'superseded') return;
    if (this.#stream !== null || this.#lead === null) this.#begin();
    else this.#lead.steal();
  }

  visibility(): void {
    if (this.#stream !== null) {
      this.#stream.visibility();
      this.#report();
    } else if (this.world.isVisible() && this.#follows) this.#watch.ask();
  }

  /** A page that is left gives the lead up, so that it may rest in the back/forward cache. */
  leave(): void {
    if (this.#status === 'stopped') return;
    this.#isAway = true;
    this.#part();
  }

  wake(): void {
    if (this.#isAway) {
      this.#isAway = false;
      this.#join();
    } else if (this.#stream !== null) this.#stream.wake();
    else if (this.#follows) this.#watch.ask();
  }

  offline(): void {
    if (this.#stream !== null) this.#stream.offline();
    else if (this.#follows) this.#say('offline');
  }

  get #follows(): boolean {
    return this.#channel !== null && this.#status !== 'stopped' && this.#status !== 'superseded';
  }

  #place(id: number): void {
    this.#lastId = id;
    this.#recent = new RecentUpdates(id);
  }

  #join(): void {
    const { locks, channel } = this.world;
    if (locks === undefined || channel === undefined) {
      if (this.#status !== 'superseded') this.#begin();
      return;
    }
    const name = channelName(this.#owner);
    this.#channel = channel(name);
    this.#channel.onmessage = (event: MessageEvent<TabMessage>) => this.#heard(event.data);
    this.#lead = new Lead(locks, name, { onGained: () => this.#begin(), onLost: () => this.#lost() });
    if (this.#status !== 'superseded') this.#follow();
  }

  #part(): void {
    this.#drop();
    this.#watch.rest();
    this.#lead?.leave();
    this.#lead = null;
    this.#channel?.close();
    this.#channel = null;
  }

  #follow(): void {
    this.#lead?.wait();
    this.#watch.ask();
  }

  /** Lead: open the connection where this tab is. */
  #begin(): void {
    this.#drop();
    this.#watch.rest();
    this.#isNew = false;
    const stream: Stream = new Stream(
      this.#leading(() => this.#stream === stream),
      this.world,
    );
    this.#stream = stream;
    stream.start(this.#lastId);
    this.#report();
  }

  #leading(isCurrent: () => boolean): StreamHandlers {
    const take = (update: ChainedUpdate) => {
      // The others first: an update that this tab cannot take in is still theirs.
      this.#tell({ kind: 'update', ...update });
      this.#take(update);
    };
    return {
      url: this.handlers.url,
      mayReconnect: this.handlers.mayReconnect,
      onVideo: (video, id) => take({ after: this.#lastId, id, video }),
      onDeleted: (id, video) => take({ after: this.#lastId, id, video }),
      onNotification: (notification, id) => take({ after: this.#lastId, id, notification }),
      onProgress: (videoId, progress) => {
        this.#tell({ kind: 'progress', videoId, progress });
        this.handlers.onProgress(videoId, progress);
      },
      onResync: (id) => {
        this.#tell({ kind: 'resync', id });
        this.#resync(id);
      },
      onStatus: (status) => isCurrent() && this.#became(status),
    };
  }

  #became(status: StreamStatus): void {
    // The lead went from tab to tab while all was well: that is no news to anybody, unless it fails.
    if (status !== 'connecting' || this.#status !== 'live') this.#say(status);
    if (status === 'stopped') this.#part();
    else this.#report();
  }

  #lost(): void {
    this.#drop();
    if (this.#follows) this.#follow();
  }

  #drop(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.stop();
  }

  #heard(message: TabMessage): void {
    if (message.kind === 'left') void this.handlers.mayReconnect();
    else if (this.#stream !== null) {
      if (message.kind === 'ask') this.#answer(message.from, message.after);
    } else if (message.kind === 'leader') this.#heardLeader(message);
    else if (this.#follows) {
      if (message.kind === 'update') this.#chain(message);
      if (message.kind === 'progress') this.handlers.onProgress(message.videoId, message.progress);
      if (message.kind === 'resync') this.#resync(message.id);
    }
  }

  #answer(to: string, after: number): void {
    for (const update of this.#recent.behind(after)) this.#tell({ kind: 'update', ...update });
    this.#report(to);
  }

  #report(to: string | null = null): void {
    const [status, lastId, since] = [this.#status, this.#lastId, this.#recent.since];
    this.#tell({ kind: 'leader', to, status, lastId, since, visible: this.world.isVisible() });
  }

  #heardLeader(leader: LeaderMessage): void {
    const isNew = this.#isNew;
    this.#isNew = false;
    if (leader.status === 'superseded') {
      // Somebody who opens one more tab wants to see it move; tabs that were there stay as they are.
      if (isNew) this.#lead?.steal();
      else this.#superseded();
      return;
    }
    if (this.#status === 'superseded') this.#lead?.wait();
    this.#say(leader.status);
    this.#watch.leaderIsHidden = !leader.visible;
    this.#compare(leader, leader.to === this.#me);
  }

  /** Is this tab as far as the leader? What the leader did not send when asked, or no longer knows, must be read anew. */
  #compare({ lastId, since }: LeaderMessage, answered: boolean): void {
    const isBehind = this.#lastId < lastId;
    if (isBehind && !answered && this.#lastId >= since) {
      this.#watch.ask();
      return;
    }
    this.#watch.heard();
    if (isBehind) this.#resync(lastId);
  }

  #superseded(): void {
    this.#watch.rest();
    this.#lead?.leave();
    this.#say('superseded');
  }

  #chain(update: ChainedUpdate): void {
    if (update.id <= this.#lastId) return;
    if (update.after <= this.#lastId) this.#take(update);
    // Who has asked already will be told this one again, behind what it lacks.
    else if (!this.#watch.isAsking) this.#watch.ask();
  }

  #take(update: ChainedUpdate): void {
    const { id } = update;
    if ('notification' in update) this.handlers.onNotification(update.notification, id);
    else if ('deleted' in update.video) this.handlers.onDeleted(id, update.video);
    else this.handlers.onVideo(update.video, id);
    this.#recent.add(update);
    this.#lastId = id;
  }

  #resync(id: number): void {
    this.#place(id);
    this.handlers.onResync(id);
  }

  #tell(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  #say(status: StreamStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.handlers.onStatus(status);
  }
}

const theBrowser: TabsWorld = {
  ...browserWorld,
  locks: typeof navigator === 'undefined' ? undefined : navigator.locks,
  channel: typeof BroadcastChannel === 'undefined' ? undefined : (name) => new BroadcastChannel(name),
  uniqueName: () => `${Date.now()}-${Math.random()}`,
};
