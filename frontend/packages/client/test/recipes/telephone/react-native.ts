/** As much of `react-native` as the recipe needs. */

type Listener = (state: "active" | "background" | "inactive") => void;

const listeners = new Set<Listener>();

export const AppState = {
  addEventListener: (_: "change", listener: Listener): { remove: () => void } => {
    listeners.add(listener);
    return { remove: () => listeners.delete(listener) };
  },
};

/** Let the application be looked at, or not any more; returns how many have heard. */
export function become(state: Parameters<Listener>[0]): number {
  for (const listener of listeners) listener(state);
  return listeners.size;
}
