/** Parts of the application that are loaded when they are needed. A deployment takes the old ones away. */
import { loaded } from "@latchkey/react";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

const RELOADED = "latchkey-reloaded";

/** A page that is loaded when somebody goes there. */
export function part(load: () => Promise<{ default: ComponentType }>): LazyExoticComponent<ComponentType> {
  return lazy(async () => {
    const found = await loaded(load);
    remember(null);
    return found;
  });
}

/** Load the page anew because a part is missing: once, until one could be loaded again. Says whether it does. */
export function reloadOnce(): boolean {
  // Without a network the page would be gone, and nothing come in its place.
  if (!navigator.onLine || !remember("1")) return false;
  window.location.reload();
  return true;
}

/** Set or take the mark that a reload leaves behind. False where it is there already, or can't be kept. */
function remember(mark: string | null): boolean {
  try {
    if (mark === null) window.sessionStorage.removeItem(RELOADED);
    else if (window.sessionStorage.getItem(RELOADED) !== null) return false;
    else window.sessionStorage.setItem(RELOADED, mark);
    return true;
  } catch {
    return false;
  }
}
