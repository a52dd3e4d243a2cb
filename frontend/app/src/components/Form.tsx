/** Forms: labels, hints and errors tied to their fields, and the service's own words at the field they are about. */
import { useUnsaved } from "@latchkey/react";
import {
  createContext,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  type SubmitEvent,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
} from "react";
import type { Fault, Problem } from "../lib/problem";
import { useCountdown } from "../lib/useCountdown";
import { SLOW, useSlow } from "../lib/useSlow";
import { Button } from "./Button";
import { Icon } from "./Icon";
import { ProblemNotice } from "./ProblemNotice";

interface FormState {
  faults: readonly Fault[];
  busy: boolean;
  /** Throttled: seconds until the form may be sent again. */
  wait: number;
}

const FormContext = createContext<FormState>({ faults: [], busy: false, wait: 0 });

interface FormProps {
  problem: Problem | null;
  busy: boolean;
  /** The names of the form's fields: a fault at one of them is shown there, anything else above the form. */
  fields: readonly string[];
  /** Codes that are about one field though they don't say so: `{ email_taken: "email" }`. */
  codes?: Record<string, string>;
  /** The form appeared where the reader pressed a button: the focus goes on to its first field. */
  takesFocus?: boolean;
  /** Ask before it is left with something in it that isn't sent. */
  asksToLeave?: boolean;
  onSubmit: (values: FormValues) => void;
  children: ReactNode;
}

/** What was filled in, by name. */
export class FormValues {
  constructor(private readonly data: FormData) {}

  /** The text of a field, untouched: spaces may belong to a password. */
  text(name: string): string {
    const value = this.data.get(name);
    return typeof value === "string" ? value : "";
  }

  /** The text without the spaces around it, or null if nothing is left. */
  optional(name: string): string | null {
    return this.text(name).trim() || null;
  }

  checked(name: string): boolean {
    return this.data.has(name);
  }
}

/** Show each fault at its field, focus the first of them, and show the rest above the form. */
export function Form({
  problem,
  busy,
  fields,
  codes = {},
  takesFocus = false,
  asksToLeave = false,
  onSubmit,
  children,
}: FormProps): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const wait = useCountdown(problem?.status === 429 ? (problem.retryAfter ?? 30) : null, problem);

  const slow = useSlow(busy);
  useUnsaved(form, asksToLeave, busy);

  const byCode = problem ? codes[problem.code] : undefined;
  const faults = problem ? faultsOf(problem, byCode) : [];
  const placed = faults.filter((fault) => fields.includes(fault.pointer.slice(1)));
  const showAbove = problem !== null && (faults.length === 0 || placed.length < faults.length);

  useEffect(() => {
    if (takesFocus) form.current?.querySelector("input")?.focus();
  }, [takesFocus]);

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  const send = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!busy && wait === 0) onSubmit(new FormValues(new FormData(event.currentTarget)));
  };
  return (
    <FormContext value={{ faults: placed, busy, wait }}>
      <form ref={form} className="form" onSubmit={send}>
        {showAbove && <ProblemNotice problem={problem} />}
        {children}
        <p className="slow" role="status">
          {slow && SLOW}
        </p>
      </form>
    </FormContext>
  );
}

function faultsOf(problem: Problem, field: string | undefined): readonly Fault[] {
  return field ? [{ pointer: `/${field}`, detail: problem.detail }] : problem.errors;
}

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "className"> {
  name: string;
  label: string;
  hint?: ReactNode;
}

function useField(name: string, hint: ReactNode): { id: string; error: string | null; aria: Record<string, unknown> } {
  const id = useId();
  const { faults } = useContext(FormContext);
  const error = faults.find((fault) => fault.pointer === `/${name}`)?.detail ?? null;
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { id, error, aria: { "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined } };
}

function Labelled({
  id,
  label,
  optional,
  hint,
  error,
  children,
}: {
  id: string;
  label: string;
  optional: boolean;
  hint: ReactNode;
  error: string | null;
  children: ReactNode;
}): ReactElement {
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label} {optional && <span className="field__optional">(optional)</span>}
      </label>
      {children}
      {hint && (
        <p className="field__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {/* Always there, for a field that has the focus already is not read out again; and empty in between, so that the
          same words are heard a second time. */}
      <p className="field__error" id={`${id}-error`} aria-live="assertive">
        {error && (
          <>
            <Icon name="warning" size={16} />
            {error}
          </>
        )}
      </p>
    </div>
  );
}

/** Whose password it is, for password managers: they look at fields that are there, not at hidden ones. */
export function Username({ value }: { value: string }): ReactElement {
  return (
    <input
      className="visually-hidden"
      type="text"
      name="username"
      autoComplete="username"
      aria-label="E-mail"
      value={value}
      readOnly
      tabIndex={-1}
    />
  );
}

export function TextField({ name, label, hint, ...rest }: FieldProps): ReactElement {
  const { id, error, aria } = useField(name, hint);
  return (
    <Labelled id={id} label={label} optional={!rest.required} hint={hint} error={error}>
      <input {...rest} {...aria} id={id} name={name} className="input" />
    </Labelled>
  );
}

/** A password that can be looked at before it is sent. */
export function PasswordField({ name, label, hint, ...rest }: FieldProps): ReactElement {
  const { id, error, aria } = useField(name, hint);
  const [shown, setShown] = useState(false);
  return (
    <Labelled id={id} label={label} optional={!rest.required} hint={hint} error={error}>
      <div className="secret">
        <input
          {...rest}
          {...aria}
          id={id}
          name={name}
          type={shown ? "text" : "password"}
          className="input"
          autoCapitalize="none"
          spellCheck={false}
        />
        <button
          type="button"
          className="secret__toggle"
          aria-controls={id}
          aria-pressed={shown}
          aria-label={`Show ${label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
        >
          {shown ? "Hide" : "Show"}
        </button>
      </div>
    </Labelled>
  );
}

export function CheckField({ name, label, hint, ...rest }: FieldProps): ReactElement {
  const { id, aria } = useField(name, hint);
  return (
    <div className="check">
      <input {...rest} {...aria} id={id} name={name} type="checkbox" />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="field__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function SubmitButton({
  children,
  look = "primary",
  wide = false,
}: {
  children: ReactNode;
  look?: "primary" | "danger" | "secondary";
  wide?: boolean;
}): ReactElement {
  const { busy, wait } = useContext(FormContext);
  return (
    <Button type="submit" look={look} wide={wide} busy={busy} aria-disabled={wait > 0}>
      {children}
    </Button>
  );
}
