/** What a browser's profile keeps, for tests: IndexedDB, as far as keys need it. Several windows may share one. */

export class Profile {
  readonly kept = new Map<string, unknown>();
  /** What it fails with, if it does: when it is opened, or when something is to be kept. */
  fails: { opening?: Error; keeping?: Error } = {};
  /** Whether it answers at all. */
  silent = false;
  opened = 0;
  closed = 0;
  #last: Promise<unknown> = Promise.resolve();

  readonly indexedDB = {
    open: () => {
      const request = { result: this.#database(), error: this.fails.opening } as unknown as IDBOpenDBRequest;
      if (this.silent) return request;
      void moment().then(() => {
        if (this.fails.opening) {
          request.onerror?.(new Event("error"));
          return;
        }
        this.opened++;
        request.onupgradeneeded?.(new Event("upgradeneeded") as IDBVersionChangeEvent);
        request.onsuccess?.(new Event("success"));
      });
      return request;
    },
  } as unknown as IDBFactory;

  #database(): object {
    return {
      createObjectStore: () => undefined,
      close: () => (this.closed += 1),
      transaction: () => this.#transaction(),
    };
  }

  /** One after another; what it has written is there once it is complete. */
  #transaction(): object {
    const asked: [key: string, request: { result?: unknown; onsuccess?: () => void }][] = [];
    const written: (() => void)[] = [];
    let aborted = false;
    const work: {
      oncomplete?: () => void;
      onabort?: () => void;
      error: null;
      abort: () => void;
      objectStore: unknown;
    } = {
      error: null,
      abort: () => (aborted = true),
      objectStore: () => ({
        get: (key: string) => {
          const request = {};
          asked.push([key, request]);
          return request;
        },
        put: (value: unknown, key: string) => {
          if (this.fails.keeping) throw this.fails.keeping;
          const copy = structuredClone(value);
          written.push(() => this.kept.set(key, copy));
        },
        delete: (key: string) => void written.push(() => this.kept.delete(key)),
      }),
    };
    this.#last = this.#last.then(async () => {
      await moment();
      for (const [key, request] of asked) {
        const found = this.kept.get(key);
        request.result = found === undefined ? undefined : structuredClone(found);
        request.onsuccess?.();
        await moment();
      }
      if (aborted) return work.onabort?.();
      for (const write of written) write();
      return work.oncomplete?.();
    });
    return work;
  }
}

/** As long as others may need who are at it at the same time. */
async function moment(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
