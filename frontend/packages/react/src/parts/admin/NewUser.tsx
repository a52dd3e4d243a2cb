"use client";

import { useId, type ReactElement, type ReactNode } from "react";
import { useDoing, type NewAccount } from "../../hooks/useAdmin.js";
import { useClass } from "../../ui/classes.js";
import { PasswordField, TextField } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { Card } from "../account/pieces.js";
import { Page } from "./pieces.js";
import { useWords } from "./words.js";

interface NewUserProps {
  back: ReactNode;
  /** They have an account; `letter` is the e-mail that was sent to them. */
  onCreated: (id: string, letter: string) => void;
}

/** Create an account for somebody. Without a password they choose their own, with the link of an e-mail. */
export function NewUser({ back, onCreated }: NewUserProps): ReactElement {
  const words = useWords();
  const c = useClass();
  const create = useDoing(
    async (client, user: NewAccount) => {
      const { id } = await client.call("POST", "/api/users", { body: user });
      onCreated(id, user.password ? "verify_address" : "set_password");
    },
    { fields: ["email", "full_name", "password"], at: { email_taken: "email" } },
  );
  return (
    <Page title={words.newUser} back={back}>
      <Card label={words.newUser}>
        <Form
          id="new-user"
          action={create}
          asksToLeave
          onSubmit={(values) => {
            const password = values.text("password");
            void create.submit({
              email: values.trimmed("email"),
              full_name: values.trimmed("full_name") || null,
              ...(password ? { password } : {}),
              is_superuser: values.text("is_superuser") !== "",
            });
          }}
        >
          <TextField name="email" label={words.email} type="email" autoComplete="off" required />
          <TextField name="full_name" label={words.fullName} autoComplete="off" />
          <PasswordField required={false} autoComplete="new-password" hint={words.passwordOrMail} />
          <Check name="is_superuser" label={words.administrator} hint={words.administratorHint} />
          <div className={c("row")}>
            <Submit wide={false}>{words.createUser}</Submit>
          </div>
        </Form>
      </Card>
    </Page>
  );
}

function Check({ name, label, hint }: { name: string; label: string; hint: string }): ReactElement {
  const id = useId();
  const c = useClass();
  return (
    <div className={c("field")}>
      <div className={c("row")}>
        <input id={id} type="checkbox" name={name} aria-describedby={`${id}-hint`} />
        <label className={c("label")} htmlFor={id}>
          {label}
        </label>
      </div>
      <p className={c("hint")} id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
