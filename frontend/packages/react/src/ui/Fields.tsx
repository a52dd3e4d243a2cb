"use client";

/** Fields: labels, hints and errors tied to them, said in the reader's language. */
import { useContext, useState, type InputHTMLAttributes, type ReactElement, type ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { fill } from "../messages/table.js";
import { HIDDEN, useClass } from "./classes.js";
import { FormContext } from "./Form.js";

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
        <span>{label}</span> {optional && <small>{words.optional}</small>}
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
  const rules = min !== undefined && { passwordrules: `minlength: ${min}; maxlength: ${max};` };
  return (
    <>
      <PasswordField
        name={name}
        label={label ?? words.password}
        autoComplete="new-password"
        hint={
          <>
            <span>{length > 0 && min !== undefined ? progress : about}</span> {hint}
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
