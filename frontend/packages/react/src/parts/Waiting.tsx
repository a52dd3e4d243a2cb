"use client";

import type { ReactElement } from "react";
import { describe } from "../core/problem.js";
import { useAuth, useSetting } from "../core/setting.js";
import { useCountdown, useLate, useOnline } from "../hooks/timing.js";
import { Button } from "../ui/Button.js";
import { HIDDEN, useClass } from "../ui/classes.js";
import { Notice, ProblemNotice } from "../ui/Notice.js";
import { Offline } from "../ui/Offline.js";

/** Milliseconds after which waiting wants a word. */
const SOON = 1_500;

/** It isn't known yet who is there: quiet at first, then in words, with a way to try at once. */
export function Waiting(): ReactElement {
  const { error, retry } = useAuth();
  const { language, words, asked } = useSetting();
  const c = useClass();
  const online = useOnline();
  const late = useLate(true, SOON);
  const { problem } = error ? describe(error, { language, words, options: asked.options }) : { problem: null };
  const wait = useCountdown(problem?.retryAfter ?? null, error);
  const again = (
    <p>
      {words.retrying} <Button onClick={retry}>{words.tryNow}</Button>
    </p>
  );
  return (
    <div className={c("root", "waiting")} aria-busy="true">
      <Offline />
      <div role="status">
        {online && problem ? (
          <ProblemNotice problem={problem} wait={wait} announce={false}>
            {again}
          </ProblemNotice>
        ) : online && late ? (
          <Notice announce={false}>
            <p>{words.connecting}</p>
            {again}
          </Notice>
        ) : (
          <span className={HIDDEN}>{words.loading}</span>
        )}
      </div>
    </div>
  );
}
