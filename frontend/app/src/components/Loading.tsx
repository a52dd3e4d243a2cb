/** Waiting, failing and having nothing: the same everywhere. */
import type { ReactElement, ReactNode } from "react";
import { isPassing } from "../lib/problem";
import type { Resource } from "../lib/useResource";
import { SLOW, useSlow } from "../lib/useSlow";
import { Icon, type IconName } from "./Icon";
import { ProblemNotice } from "./ProblemNotice";

/** Grey lines where text will be. */
export function Skeleton({ lines = 3, block = false }: { lines?: number; block?: boolean }): ReactElement {
  const slow = useSlow(true);
  const widths = ["", " skeleton--middle", " skeleton--short"];
  return (
    <div className="stack" role="status">
      {slow ? <p>{SLOW}</p> : <span className="visually-hidden">Loading…</span>}
      {block && <span className="skeleton skeleton--block" />}
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={`skeleton${widths[line % widths.length]}`} />
      ))}
    </div>
  );
}

/** The same, inside a card without padding of its own. */
export function InsetSkeleton({ lines = 6 }: { lines?: number }): ReactElement {
  return (
    <div className="inset">
      <Skeleton lines={lines} />
    </div>
  );
}

export function Blank({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="blank">
      <span className="blank__icon">
        <Icon name={icon} size={32} />
      </span>
      <h3>{title}</h3>
      {children && <div className="blank__text">{children}</div>}
    </div>
  );
}

interface LoadedProps<T> {
  resource: Resource<T>;
  skeleton?: ReactElement;
  children: (data: T) => ReactNode;
}

/** Show what was loaded. When loading again fails, say so above what is known already, rather than instead of it. */
export function Loaded<T>({ resource, skeleton, children }: LoadedProps<T>): ReactElement {
  const { data, problem } = resource;
  return (
    <div aria-busy={resource.loading}>
      {problem && (
        <div className="inset">
          <ProblemNotice problem={problem} retrying={isPassing(problem)} onRetry={resource.reload} />
        </div>
      )}
      {data !== null ? children(data) : !problem && (skeleton ?? <Skeleton />)}
    </div>
  );
}
