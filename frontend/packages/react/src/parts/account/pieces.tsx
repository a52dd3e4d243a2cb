"use client";

/** What the parts of the account are made of: headings, cards, lists, and waiting for what is in them. */
import { useContext, type ReactElement, type ReactNode } from "react";
import type { Kept } from "../../core/kept.js";
import { useSetting } from "../../core/setting.js";
import { useLate } from "../../hooks/timing.js";
import { Button } from "../../ui/Button.js";
import { HIDDEN, useClass } from "../../ui/classes.js";
import { LONG } from "../../ui/Form.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Part } from "../../ui/Part.js";
import { Title } from "../../ui/Title.js";
import { Within } from "../within.js";

interface SectionProps {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One section of the account. */
export function Section({ title, lead, actions, children }: SectionProps): ReactElement {
  const c = useClass();
  const { tab, quiet } = useContext(Within);
  const inside = (
    <>
      <div className={c("head")}>
        <div>
          {tab ? <h2 className={c("title")}>{title}</h2> : <Title quiet={quiet}>{title}</Title>}
          {lead && <p className={c("hint")}>{lead}</p>}
        </div>
        {actions && <div className={c("row")}>{actions}</div>}
      </div>
      {children}
    </>
  );
  return tab ? <div className={c("section")}>{inside}</div> : <Part>{inside}</Part>;
}

interface CardProps {
  title?: string;
  lead?: string;
  /** Beside the title. */
  mark?: ReactNode;
  look?: "danger" | "flush";
  /** Its name, where it has no title. */
  label?: string;
  children: ReactNode;
}

/** A box with a heading. */
export function Card({ title, lead, mark, look, label, children }: CardProps): ReactElement {
  const c = useClass();
  const { tab } = useContext(Within);
  const Heading = tab ? "h3" : "h2";
  return (
    <section className={c("card", look ?? false)} aria-label={label ?? title}>
      {title && (
        <div className={c("head")}>
          <div>
            <Heading>{title}</Heading>
            {lead && <p className={c("hint")}>{lead}</p>}
          </div>
          {mark}
        </div>
      )}
      {children}
    </section>
  );
}

/** A word about what stands beside it. */
export function Badge({
  look,
  children,
}: {
  look: "accent" | "success" | "warning" | "danger" | "plain";
  children: ReactNode;
}): ReactElement {
  return <span className={useClass()("badge", look)}>{children}</span>;
}

const ICONS: Readonly<Partial<Record<string, string>>> = {
  laptop: "M5 5h14v10H5zM2.5 19h19",
  phone: "M7.5 3h9v18h-9zM11 18h2",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  warning: "M12 4 2.5 20h19L12 4Zm0 6v4.5M12 17.2h.01",
};

interface ItemProps {
  /** One of those that lists have in common, or a path of its own. */
  icon: string;
  look?: "accent" | "warning" | false;
  title: ReactNode;
  end?: ReactNode;
  children?: ReactNode;
}

/** A row of a list. The icon decorates: words beside it say what it means. */
export function Item({ icon, look = false, title, end, children }: ItemProps): ReactElement {
  const c = useClass();
  return (
    <li className={c("item")}>
      <svg className={c("icon", look)} viewBox="0 0 24 24" width={40} height={40} aria-hidden="true">
        <path d={ICONS[icon] ?? icon} />
      </svg>
      <div>
        <p>{title}</p>
        {children}
      </div>
      {end && <div className={c("end")}>{end}</div>}
    </li>
  );
}

/** Something that worked: read out when the reader is done, wherever the focus is. */
export function Said({ children }: { children: ReactNode }): ReactElement {
  return (
    <div role="status" className="lk-region">
      {children && (
        <Notice look="success" announce={false}>
          {children}
        </Notice>
      )}
    </div>
  );
}

interface LoadedProps {
  /** What is waited for. */
  of: Omit<Kept<unknown>, "data">;
  /** How many rows there will probably be: the page doesn't jump when they are. */
  rows: number;
  /** What is known, drawn; undefined while nothing is. */
  children: ReactNode;
}

/** What was loaded. When loading it again fails, that is said above what is known already, and not instead of it. */
export function Loaded({ of: { problem, loading, reload }, rows, children }: LoadedProps): ReactElement {
  const { words } = useSetting();
  const c = useClass();
  return (
    <div aria-busy={loading && children === undefined}>
      {problem && (
        <div className={c("inset")}>
          <ProblemNotice problem={problem}>
            {problem.status !== 404 && (
              <p>
                {problem.passing && <span>{words.retrying}</span>}{" "}
                <Button onClick={() => void reload()}>{problem.passing ? words.tryNow : words.tryAgain}</Button>
              </p>
            )}
          </ProblemNotice>
        </div>
      )}
      {children ?? (!problem && <Skeleton rows={rows} />)}
    </div>
  );
}

function Skeleton({ rows }: { rows: number }): ReactElement {
  const { words } = useSetting();
  const c = useClass();
  const slow = useLate(true, LONG);
  return (
    <div role="status">
      {slow ? <p className={c("inset")}>{words.slow}</p> : <span className={HIDDEN}>{words.loading}</span>}
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={c("skeleton")} />
      ))}
    </div>
  );
}
