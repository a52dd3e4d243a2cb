"use client";

import type { ReactElement, ReactNode } from "react";
import type { Problem } from "../core/problem.js";
import { useSetting } from "../core/setting.js";
import { useClass } from "./classes.js";
import { Say } from "./Say.js";

export type NoticeLook = "info" | "success" | "warning" | "error";

interface NoticeProps {
  look?: NoticeLook;
  title?: string;
  /** Read out when it appears: at once (an error), or when the reader is done (the rest). Not where a region around it is. */
  announce?: boolean;
  children?: ReactNode;
}

/** Something that the reader should know, beside what they are doing. */
export function Notice({ look = "info", title, announce = true, children }: NoticeProps): ReactElement {
  const c = useClass();
  const role = announce ? (look === "error" ? "alert" : "status") : undefined;
  return (
    <div className={c("notice", look)} role={role}>
      {title && (
        <p>
          <strong>{title}</strong>
        </p>
      )}
      {children}
    </div>
  );
}

interface ProblemNoticeProps {
  problem: Problem;
  /** Tried too often: seconds until it may be done again. */
  wait?: number;
  announce?: boolean;
  children?: ReactNode;
}

/** What went wrong, and what happens next. */
export function ProblemNotice({ problem, wait = 0, announce = true, children }: ProblemNoticeProps): ReactElement {
  const { words } = useSetting();
  const { status, code, message, passing, requestId } = problem;
  if (status === 429) {
    return (
      <Notice look="warning" title={words.throttled} announce={announce}>
        <p>{wait > 0 ? <Countdown left={wait} /> : words.throttledNow}</p>
        {children}
      </Notice>
    );
  }
  const title = passing
    ? status !== 0
      ? words.away
      : code === "too_late"
        ? words.noAnswer
        : words.noConnection
    : undefined;
  return (
    <Notice look={passing ? "warning" : "error"} announce={announce} {...(title && { title })}>
      <p>{message}</p>
      {status >= 500 && !passing && requestId && (
        <p>
          <Say text={words.quote} values={{ id: requestId }} />
        </p>
      )}
      {children}
    </Notice>
  );
}

/** The seconds that are left. A screen reader hears once that there is a wait, not every second. */
function Countdown({ left }: { left: number }): ReactElement {
  const { words } = useSetting();
  return (
    <>
      <span className="lk-hidden">{words.throttledWait}</span>
      <span aria-hidden="true">
        {left < 60 ? (
          <Say text={words.throttledSeconds} values={{ left }} />
        ) : (
          <Say text={words.throttledMinutes} values={{ left: Math.ceil(left / 60) }} />
        )}
      </span>
    </>
  );
}
