/** Logging in again over the page, which stays as it is, with all that was typed into it. */
import { sentenceOf } from "@latchkey/client";
import type { ReactElement } from "react";
import { useAuth } from "../contexts/AuthContext";
import { useSubmit } from "../lib/useSubmit";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Form, PasswordField, SubmitButton, Username } from "./Form";

/** Shown while the reader is away: nothing of the page can be seen or used before they are back. */
export function SessionEnded(): ReactElement | null {
  const { user, away, ended, login, letGo } = useAuth();
  const { submit, busy, problem } = useSubmit(login);
  if (!user || !away || ended === null) return null;
  return (
    <Dialog title="Log in again" text={sentenceOf(ended)} covers>
      <Form
        problem={problem}
        busy={busy}
        fields={["password"]}
        codes={{ invalid_grant: "password" }}
        onSubmit={(values) => submit(user.email, values.text("password"))}
      >
        <p>
          As <strong>{user.email}</strong>. The page is as you left it.
        </p>
        <Username value={user.email} />
        <PasswordField name="password" label="Password" autoComplete="current-password" required />
        <SubmitButton wide>Log in</SubmitButton>
      </Form>
      <div className="welcome__links">
        <Button look="quiet" onClick={letGo}>
          Log in another way, or as somebody else
        </Button>
      </div>
    </Dialog>
  );
}
