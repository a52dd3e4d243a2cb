/** Loading something for a page: the data, what went wrong, and trying again by itself where that helps. */
import { useAuth } from "@latchkey/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { isAbort, isExpected, isPassing, problemOf, type Problem } from "./problem";

export interface Resource<T> {
  /** What was loaded last; kept while it is loaded again, and while that fails. */
  data: T | null;
  problem: Problem | null;
  loading: boolean;
  reload: () => void;
  /** Put something newer in its place, for instance what a change answered. */
  replace: (data: T) => void;
}

interface State<T> {
  key: string;
  data: T | null;
  problem: Problem | null;
  loading: boolean;
}

const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 30;

/**
 * Load with `load`, and again whenever `key` changes; data of another key is never shown. Nothing is asked while the
 * reader is away, and all of it anew when they are back.
 * While the service is unavailable it is asked again after `Retry-After`, or after 2, 4, 8 … 30 seconds.
 */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>({ key, data: null, problem: null, loading: true });
  const [attempt, setAttempt] = useState(0);
  const { away } = useAuth();
  const loader = useRef(load);
  useEffect(() => {
    loader.current = load;
  });

  useEffect(() => {
    if (away) return undefined;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = FIRST_WAIT_SECONDS;

    const run = async (): Promise<void> => {
      setState((before) => ({
        key,
        data: before.key === key ? before.data : null,
        problem: before.key === key ? before.problem : null,
        loading: true,
      }));
      try {
        const data = await loader.current(controller.signal);
        if (!controller.signal.aborted) setState({ key, data, problem: null, loading: false });
      } catch (error) {
        if (controller.signal.aborted || isAbort(error)) return;
        const problem = problemOf(error);
        if (!isExpected(error)) {
          // The boundary around the page says so, and reports it.
          setState(() => {
            throw error;
          });
          return;
        }
        setState((before) => ({ ...before, problem, loading: false }));
        if (isPassing(problem)) {
          timer = setTimeout(() => void run(), (problem.retryAfter ?? wait) * 1000);
          wait = Math.min(wait * 2, LONGEST_WAIT_SECONDS);
        }
      }
    };

    void run();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, attempt, away]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const replace = useCallback((data: T) => setState({ key, data, problem: null, loading: false }), [key]);
  if (state.key !== key) return { data: null, problem: null, loading: true, reload, replace };
  return { data: state.data, problem: state.problem, loading: state.loading, reload, replace };
}
