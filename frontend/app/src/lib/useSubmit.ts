/** Doing something once at a person's word: busy while it runs, and what went wrong if it did. */
import { Cancelled } from "@latchkey/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { isExpected, problemOf, type Problem } from "./problem";

export interface Submit<A extends unknown[]> {
  busy: boolean;
  problem: Problem | null;
  /** Run the action, unless it is running already: a double click does a thing once. */
  submit: (...args: A) => void;
  clear: () => void;
}

export function useSubmit<A extends unknown[]>(action: (...args: A) => Promise<void>): Submit<A> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });

  const submit = useCallback((...args: A) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    latest
      .current(...args)
      .catch((error: unknown) => {
        if (error instanceof Cancelled) return;
        // A mistake of ours keeps the form, and what is in it; but it isn't kept quiet.
        if (!isExpected(error)) reportError(error);
        setProblem(problemOf(error));
      })
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  }, []);
  const clear = useCallback(() => setProblem(null), []);
  return { busy, problem, submit, clear };
}
