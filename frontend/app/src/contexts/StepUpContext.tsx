/** The client asks by itself where a call wants a fresh session: this is for the pages that were written before it did. */
import { useCallback } from "react";

export type StepUp = <T>(action: () => Promise<T>) => Promise<T>;

/** Do `action`. */
export function useStepUp(): StepUp {
  return useCallback((action) => action(), []);
}
