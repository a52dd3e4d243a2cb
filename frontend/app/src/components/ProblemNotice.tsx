/** What went wrong, what happens next, and what the reader can do about it. */
import type { ReactElement } from "react";
import { isPassing, type Problem } from "../lib/problem";
import { useCountdown } from "../lib/useCountdown";
import { Button } from "./Button";
import { Notice } from "./Notice";

interface ProblemNoticeProps {
  problem: Problem;
  /** The page tries again by itself (see useResource). */
  retrying?: boolean;
  onRetry?: (() => void) | undefined;
}

export function ProblemNotice({ problem, retrying = false, onRetry }: ProblemNoticeProps): ReactElement {
  const left = useCountdown(problem.status === 429 ? (problem.retryAfter ?? 30) : null, problem);
  const retry = onRetry && (
    <div className="notice__actions">
      <Button aria-disabled={left > 0} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );

  if (problem.status === 429) {
    return (
      <Notice look="warning" title="Too many attempts">
        <p>{left > 0 ? <Countdown left={left} /> : "You can try again now."}</p>
        {retry}
      </Notice>
    );
  }
  if (isPassing(problem)) {
    return (
      <Notice look="warning" title={titleOf(problem)}>
        <p>
          {problem.status === 0 ? problem.detail : "The service can't answer at the moment. Nothing was lost."}
          {retrying ? " Retrying…" : " Please try again in a moment."}
        </p>
        {retry}
      </Notice>
    );
  }
  if (problem.status === 404 && problem.code === "not_found") {
    return (
      <Notice look="info" title="Not here">
        <p>This may have been removed, or this service doesn't offer it.</p>
      </Notice>
    );
  }
  return (
    <Notice look="error">
      <p>{problem.detail}</p>
      {problem.status >= 500 && problem.requestId && (
        <p className="notice__id">
          If you ask for help, quote <code>{problem.requestId}</code>
        </p>
      )}
      {retry}
    </Notice>
  );
}

function titleOf({ status, code }: Problem): string {
  if (status !== 0) return "Temporarily unavailable";
  return code === "too_late" ? "No answer" : "No connection";
}

/** The seconds that are left. A screen reader hears the number once, not every second. */
function Countdown({ left }: { left: number }): ReactElement {
  return (
    <>
      <span className="visually-hidden">Please wait a moment, then try again.</span>
      <span aria-hidden="true">Try again in {left < 60 ? `${left} s` : `${Math.ceil(left / 60)} min`}.</span>
    </>
  );
}
