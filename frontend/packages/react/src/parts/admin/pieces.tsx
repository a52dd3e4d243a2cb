"use client";

/** What the lists and pages of administrators are made of. */
import type { Page as Answer } from "@latchkey/client";
import { useContext, useId, type ReactElement, type ReactNode } from "react";
import type { Kept } from "../../core/kept.js";
import { loaded } from "../../core/late.js";
import { useSetting } from "../../core/setting.js";
import { useDoing } from "../../hooks/useAdmin.js";
import { useTyped } from "../../hooks/useTyped.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Link } from "../../ui/Link.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Part } from "../../ui/Part.js";
import { Title } from "../../ui/Title.js";
import { Within } from "../within.js";
import { addressOf, type Here } from "./place.js";
import { useWords } from "./words.js";

interface PageProps {
  title: string;
  /** What page it is, where its title may change. */
  of?: string;
  lead?: string;
  back?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page: where it leads back to, its heading, and what can be done. */
export function Page({ title, of, lead, back, actions, children }: PageProps): ReactElement {
  const c = useClass();
  const { quiet } = useContext(Within);
  return (
    <Part>
      {back && <p>{back}</p>}
      <div className={c("head")}>
        <div>
          <Title quiet={quiet} of={of ?? title}>
            {title}
          </Title>
          {lead && <p className={c("hint")}>{lead}</p>}
        </div>
        {actions && <div className={c("row")}>{actions}</div>}
      </div>
      {children}
    </Part>
  );
}

interface ToProps {
  here: Here;
  /** Which place of this part. */
  at: string;
  button?: "primary" | "secondary";
  children: ReactNode;
}

/** Leads to another place of the same part: a link where the places have addresses, a button where they haven't. */
export function To({ here, at, button, children }: ToProps): ReactElement {
  const { links } = useSetting();
  const base = here.addressed ? links.adminUsers : undefined;
  return (
    <Link
      to={base === undefined ? undefined : addressOf(base, at)}
      button={button ?? false}
      onPress={() => here.go(at)}
    >
      {children}
    </Link>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

/** One of several. */
export function Select({ label, value, options, onChange }: SelectProps): ReactElement {
  const id = useId();
  const c = useClass();
  return (
    <div className={c("field")}>
      <label className={c("label")} htmlFor={id}>
        {label}
      </label>
      <select id={id} className={c("input")} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FilterProps {
  /** Part of the field's id. */
  name: string;
  label: string;
  type?: "text" | "date" | "search";
  hint?: string;
  value: string;
  /** It takes effect when typing stops; else on Enter, and when the field is left. */
  atOnce?: boolean;
  onChange: (value: string) => void;
}

/** What is looked for, typed in. `onChange` has to stay the same where it takes effect `atOnce`. */
export function Filter({
  name,
  label,
  type = "text",
  hint,
  value,
  atOnce = false,
  onChange,
}: FilterProps): ReactElement {
  const { text, type: write, now } = useTyped(value, onChange, atOnce ? undefined : null);
  const id = `lk-filter-${name}`;
  const c = useClass();
  return (
    <div className={c("field")}>
      <label className={c("label")} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={c("input")}
        type={type}
        placeholder={hint}
        value={text}
        maxLength={254}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => write(event.target.value)}
        onBlur={now}
        onKeyDown={(event) => {
          if (event.key === "Enter") now();
        }}
      />
    </div>
  );
}

interface DownloadProps {
  path: string;
  query: Readonly<Record<string, string | boolean | null>>;
}

/** Downloads a list as it is filtered and sorted now, all of its pages. */
export function Download({ path, query }: DownloadProps): ReactElement {
  const words = useWords();
  const { submit, busy, problem, wait } = useDoing(async (client) => {
    const { downloadTable } = await loaded(() => import("../../core/table.js"));
    await downloadTable(client, path, query);
  });
  return (
    <>
      <Button busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
        {words.download}
      </Button>
      {problem && (
        <div className="lk-whole">
          <ProblemNotice problem={problem} wait={wait} />
        </div>
      )}
    </>
  );
}

interface PagerProps {
  here: Here;
  list: Kept<Answer<unknown>>;
  /** "Page 2 · 314 users", with both of them in braces. */
  text: string;
}

/** Which page it is of how many things, back and forward. Nothing, if everything is on one page. */
export function Pager({ here, list, text }: PagerProps): ReactElement | null {
  const words = useWords();
  const { language } = useSetting();
  const c = useClass();
  const total = list.data?.total ?? null;
  const next = list.data?.next ?? null;
  const first = here.after === null;
  if (first && next === null && total === null) return null;
  const page = here.number;
  return (
    <nav className={c("pager")} aria-label={words.pages}>
      <span role="status">
        {total === null ? fill(words.page, { page }) : fill(text, { page, total: total.toLocaleString(language) })}
      </span>
      <div className={c("row")}>
        <Button aria-disabled={first} onClick={here.back}>
          {words.previous}
        </Button>
        <Button aria-disabled={next === null} onClick={() => next !== null && here.forward(next)}>
          {words.next}
        </Button>
      </div>
    </nav>
  );
}

/** There is nothing to be shown, and why. */
export function Blank({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  const c = useClass();
  return (
    <div className={c("inset")}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
