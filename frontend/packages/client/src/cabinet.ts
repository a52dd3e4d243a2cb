/** Where a browser keeps keys that no script can read: IndexedDB, which takes them as they are. */
import type { ProofKey } from "./proofs.js";

/** What is kept for one client, all at once: several tabs may want to change it. */
export interface Kept {
  /** The key of the session. */
  readonly now?: ProofKey;
  /** The key that the next log-in binds to, and when it was made. */
  readonly next?: ProofKey & { readonly at: number };
}

const STORE = "keys";
/** A browser may take its time, or never answer. */
const PATIENCE = 2_000;

/** Make of what is kept under `name` what `how` says; with what it gets back nothing is written. Rejects where that can't be done. */
export async function change(name: string, how: (kept: Kept) => Kept): Promise<Kept> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("IndexedDB is late")), PATIENCE);
  });
  try {
    return await Promise.race([changed(name, how), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function changed(name: string, how: (kept: Kept) => Kept): Promise<Kept> {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const work = database.transaction(STORE, "readwrite");
      const store = work.objectStore(STORE);
      const found = store.get(name) as IDBRequest<Kept | undefined>;
      let after: Kept;
      let cause: unknown;
      found.onsuccess = () => {
        const before = found.result ?? {};
        try {
          after = how(before);
          if (after === before) return;
          if (after.now ?? after.next) store.put(after, name);
          else store.delete(name);
        } catch (error) {
          // Some take no keys, in a private window for instance.
          cause = error;
          work.abort();
        }
      };
      work.oncomplete = () => resolve(after);
      work.onabort = () => reject(new Error("IndexedDB", { cause: cause ?? work.error }));
    });
  } finally {
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("latchkey.proof", 1);
    asked.onupgradeneeded = () => void asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(new Error("IndexedDB", { cause: asked.error }));
  });
}
