"use client";

/** Doing something once at a person's word: busy while it runs, and what went wrong if it did. */
import { ProblemError } from "@latchkey/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { describe, isExpected, type Place, type Problem } from "../core/problem.js";
import { useSetting } from "../core/setting.js";
import { useCountdown } from "./timing.js";

/** Thrown by an action that the person called off: not a failure, nothing to show. */
export class Cancelled extends Error {}

/** What a form needs, whoever draws it. */
export interface Action<A extends unknown[]> {
  /** Run it, unless it is running already: a double click does a thing once. Resolves with whether it was done; never rejects. */
  submit: (...args: A) => Promise<boolean>;
  busy: boolean;
  /** What went wrong last; null while it runs. Show its `message`, unless all is said `atFields`. */
  problem: Problem | null;
  /** What is wrong with which field, by the field's name. */
  fieldErrors: Readonly<Record<string, string>>;
  /** Tried too often: seconds until it may be sent again, counted down; else 0. */
  wait: number;
  /** Forget the problem. */
  clear: () => void;
}

/** Where the service doesn't say how long to wait. */
const SOME_SECONDS = 30;
const NOTHING = { problem: null, fieldErrors: {} };

/** `run` as something to be done once; `place` says where and how its problems are told. */
export function useAction<A extends unknown[]>(run: (...args: A) => Promise<unknown>, place: Place = {}): Action<A> {
  const { language, words, asked, owe } = useSetting();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ error: unknown } | null>(null);
  const running = useRef(false);
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });

  const submit = useCallback(
    async (...args: A) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setFailed(null);
      try {
        await latest.current(...args);
        return true;
      } catch (error) {
        if (error instanceof Cancelled) return false;
        // A mistake of ours keeps the form, and what is in it; but it isn't kept quiet.
        if (!isExpected(error)) reportError(error);
        // Whichever way a log-in began, it goes on here.
        else if (error instanceof ProblemError && error.more.challenge) owe(error);
        setFailed({ error });
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [owe],
  );
  const clear = useCallback(() => setFailed(null), []);

  // Not again for another `place`: it is written where it is used, and says the same each time.
  const { problem, fieldErrors } = useMemo(
    () => (failed ? describe(failed.error, { language, words, options: asked.options }, place) : NOTHING),
    [failed, language, words, asked.options],
  );
  const wait = useCountdown(problem?.status === 429 ? (problem.retryAfter ?? SOME_SECONDS) : null, problem);
  return { submit, busy, problem, fieldErrors, wait, clear };
}
