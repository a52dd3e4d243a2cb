"use client";

/** Forms: what is sent, and what is wrong with it. */
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from "react";
import { useSetting } from "../core/setting.js";
import { useLate } from "../hooks/timing.js";
import type { Action } from "../hooks/useAction.js";
import { fill, type FirstWords } from "../messages/table.js";
import { Button, type ButtonProps } from "./Button.js";
import { useClass } from "./classes.js";
import { ProblemNotice } from "./Notice.js";
import { useUnsaved } from "./unsaved.js";

/** What a form shows of what it does: any `Action`. */
export type Shown = Pick<Action<never[]>, "busy" | "problem" | "fieldErrors" | "wait">;

interface Inside extends Omit<Shown, "problem"> {
  id: string;
  /** How often it was sent: the same words, said again, are heard again. */
  turn: number;
}

/** What a field knows of the form around it. */
export const FormContext = createContext<Inside>({ id: "", turn: 0, busy: false, fieldErrors: {}, wait: 0 });

/** What was filled in, by name. */
export class FormValues {
  constructor(private readonly data: FormData) {}

  /** The text of a field, untouched: spaces may belong to a password. */
  text(name: string): string {
    const value = this.data.get(name);
    return typeof value === "string" ? value : "";
  }

  /** The text without the spaces around it. */
  trimmed(name: string): string {
    return this.text(name).trim();
  }
}

interface FormProps {
  /** Part of the fields' ids, the same each time: password managers know fields by these. */
  id: string;
  action: Shown;
  onSubmit: (values: FormValues) => void;
  /** The form appeared where the reader pressed a button: the focus goes on to its first field. */
  takesFocus?: boolean;
  /** Ask before it is left with something in it that isn't sent. */
  asksToLeave?: boolean;
  children: ReactNode;
}

/** Milliseconds after which a form says that it takes long. */
export const LONG = 5_000;

/** Show each error at its field, focus the first of them, and show the rest above. */
export function Form({
  id,
  action,
  onSubmit,
  takesFocus = false,
  asksToLeave = false,
  children,
}: FormProps): ReactElement {
  const { words } = useSetting();
  const c = useClass();
  const form = useRef<HTMLFormElement>(null);
  const [own, setOwn] = useState({ turn: 0, mistakes: {} });
  const { busy, problem, wait, fieldErrors } = action;
  const slow = useLate(busy, LONG);
  useUnsaved(form, asksToLeave, busy);

  useEffect(() => {
    if (takesFocus) form.current?.querySelector<HTMLElement>("input:not([readonly]), [type=submit]")?.focus();
  }, [takesFocus]);

  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem, own]);

  const inside = useMemo(
    () => ({ id, turn: own.turn, busy, wait, fieldErrors: { ...fieldErrors, ...own.mistakes } }),
    [id, own, busy, wait, fieldErrors],
  );
  return (
    <FormContext.Provider value={inside}>
      {/* The browser's own bubbles speak its language, not the page's. */}
      <form
        ref={form}
        className={c("form")}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (busy || wait > 0) return;
          const mistakes = mistakesIn(event.currentTarget, words);
          setOwn({ turn: own.turn + 1, mistakes });
          if (Object.keys(mistakes).length === 0) onSubmit(new FormValues(new FormData(event.currentTarget)));
        }}
      >
        {/* There before there is something to say: what is put into it is read out, wherever the focus is. */}
        <div role="alert" className="lk-region">
          {problem && !problem.atFields && <ProblemNotice problem={problem} wait={wait} announce={false} />}
        </div>
        {children}
        <p role="status" className="lk-region">
          {slow && words.slow}
        </p>
      </form>
    </FormContext.Provider>
  );
}

/** What can be seen to be wrong without asking the service. */
function mistakesIn(form: HTMLFormElement, words: FirstWords): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement) || !field.name) continue;
    const { value, validity, dataset } = field;
    const min = Number(dataset.min ?? 0);
    if (validity.valueMissing) found[field.name] = words.required;
    else if (validity.typeMismatch) found[field.name] = words.unacceptableEmail;
    else if (validity.patternMismatch) found[field.name] = words.sixDigits;
    else if (value && Array.from(value).length < min) found[field.name] = fill(words.tooShort, { min });
  }
  return found;
}

/** Sends the form it is in. */
export function Submit({ look = "primary", wide = true, children }: ButtonProps): ReactElement {
  const { busy, wait } = useContext(FormContext);
  return (
    <Button type="submit" look={look} wide={wide} busy={busy} aria-disabled={wait > 0}>
      {children}
    </Button>
  );
}
