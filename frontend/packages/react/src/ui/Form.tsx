"use client";

/** Forms: labels, hints and errors tied to their fields, said in the reader's language. */
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
} from "react";
import { useSetting } from "../core/setting.js";
import { useLate } from "../hooks/timing.js";
import type { Action } from "../hooks/useAction.js";
import { fill, type FirstWords } from "../messages/table.js";
import { Button, type ButtonProps } from "./Button.js";
import { HIDDEN, useClass } from "./classes.js";
import { ProblemNotice } from "./Notice.js";
import { useUnsaved } from "./unsaved.js";

/** What a form shows of what it does: any `Action`. */
export type Shown = Pick<Action<never[]>, "busy" | "problem" | "fieldErrors" | "wait">;

interface Inside extends Omit<Shown, "problem"> {
  id: string;
  /** How often it was sent: the same words, said again, are heard again. */
  turn: number;
}

const FormContext = createContext<Inside>({ id: "", turn: 0, busy: false, fieldErrors: {}, wait: 0 });

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
    if (takesFocus) form.current?.querySelector<HTMLElement>("input:not([readonly])")?.focus();
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

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "className"> {
  name: string;
  label: string;
  hint?: ReactNode;
}

interface Field {
  id: string;
  turn: number;
  error: string | undefined;
  aria: { "aria-invalid": true | undefined; "aria-describedby": string | undefined };
}

function useField(name: string, hint: ReactNode): Field {
  const { id: form, turn, fieldErrors } = useContext(FormContext);
  const id = `lk-${form}-${name}`;
  const error = fieldErrors[name];
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return {
    id,
    turn,
    error,
    aria: { "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined },
  };
}

interface LabelledProps extends Pick<FieldProps, "label" | "hint"> {
  field: Field;
  optional: boolean;
  children: ReactNode;
}

function Labelled({ field: { id, turn, error }, label, optional, hint, children }: LabelledProps): ReactElement {
  const { words } = useSetting();
  const c = useClass();
  return (
    <div className={c("field")}>
      <label className={c("label")} htmlFor={id}>
        {label} {optional && <small>{words.optional}</small>}
      </label>
      {children}
      {hint && (
        <p className={c("hint")} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {/* Always there, for a field that has the focus already is not read out again; and empty in between, so that the
          same words are heard a second time. */}
      <p className={c("error")} id={`${id}-error`} aria-live="assertive">
        {error && <span key={turn}>{error}</span>}
      </p>
    </div>
  );
}

/** A field of one line. */
export function TextField({ name, label, hint, ...rest }: FieldProps): ReactElement {
  const field = useField(name, hint);
  const c = useClass();
  return (
    <Labelled field={field} label={label} optional={!rest.required} hint={hint}>
      <input {...rest} {...field.aria} id={field.id} name={name} className={c("input")} />
    </Labelled>
  );
}

/** The address, filled in with what was typed on the page before, and kept for the next. */
export function EmailField(props: Partial<FieldProps>): ReactElement {
  const { words, address } = useSetting();
  const [typed] = useState(address.get);
  return (
    <TextField
      name="email"
      label={words.email}
      type="email"
      autoComplete="username"
      defaultValue={typed}
      onChange={({ target }) => address.set(target.value)}
      required
      {...props}
    />
  );
}

/** A password that can be looked at before it is sent. */
export function PasswordField({
  name = "password",
  label,
  hint,
  autoComplete = "current-password",
  ...rest
}: Partial<FieldProps>): ReactElement {
  const { words } = useSetting();
  const field = useField(name, hint);
  const c = useClass();
  const [shown, setShown] = useState(false);
  const called = label ?? words.password;
  return (
    <Labelled field={field} label={called} optional={rest.required === false} hint={hint}>
      <div className="lk-secret">
        <input
          required
          {...rest}
          {...field.aria}
          id={field.id}
          name={name}
          type={shown ? "text" : "password"}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          className={c("input")}
        />
        <button
          type="button"
          aria-controls={field.id}
          aria-pressed={shown}
          aria-label={fill(words.showField, { field: called })}
          onClick={() => setShown(!shown)}
        >
          {shown ? words.hide : words.show}
        </button>
      </div>
    </Labelled>
  );
}

/** A password that is chosen now: what the service wants of it is told while it is typed, and to password managers. */
export function NewPasswordField({ label, name = "password", hint }: Partial<FieldProps>): ReactElement {
  const { words, asked } = useSetting();
  const [length, setLength] = useState(0);
  const min = asked.options?.password.min_length;
  const max = asked.options?.password.max_length;
  const enough = min !== undefined && length >= min;
  const about = min === undefined ? words.passwordHintAny : fill(words.passwordHint, { min });
  const progress = enough ? words.passwordLong : fill(words.passwordLeft, { left: (min ?? 0) - length });
  // Password managers that know it make what is accepted. It is no attribute that React has a type for.
  const rules = min !== undefined && { passwordrules: `minlength: ${min}; maxlength: ${max ?? 128};` };
  return (
    <>
      <PasswordField
        name={name}
        label={label ?? words.password}
        autoComplete="new-password"
        hint={
          <>
            {length > 0 && min !== undefined ? progress : about} {hint}
          </>
        }
        onChange={({ target }) => setLength(Array.from(target.value).length)}
        {...(min !== undefined && { "data-min": min })}
        {...rules}
      />
      <span role="status" className={HIDDEN}>
        {enough && words.passwordLong}
      </span>
    </>
  );
}

/** Whose password it is, for password managers: they look at fields that are there, not at hidden ones. */
export function Username({ value }: { value: string }): ReactElement {
  const { words } = useSetting();
  return (
    <input
      className={HIDDEN}
      type="text"
      name="username"
      autoComplete="username"
      aria-label={words.email}
      value={value}
      readOnly
      tabIndex={-1}
    />
  );
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
