/** What this device keeps of unfinished work, for one person: another who signs in here sees nothing of it. */

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class Kept<T extends object> {
  readonly #name: string;

  constructor(
    private readonly store: Store,
    name: string,
    person: string,
  ) {
    this.#name = `reelhook.${name}.${person}`;
  }

  /** What was kept, or null: also when somebody else wrote there what is no object. */
  get(): T | null {
    try {
      const value: unknown = JSON.parse(this.store.getItem(this.#name) ?? 'null');
      return typeof value === 'object' ? (value as T | null) : null;
    } catch {
      return null;
    }
  }

  /** Whether it could be kept: a full or forbidden storage keeps nothing. */
  set(value: T): boolean {
    try {
      this.store.setItem(this.#name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  forget(): void {
    try {
      this.store.removeItem(this.#name);
    } catch {
      // Forbidden storage has nothing to forget.
    }
  }
}
