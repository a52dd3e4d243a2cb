/** Confirm the address that one registered: the link proves the mailbox, a password proves who is there. */
import { useLetterToken } from "@latchkey/client/react";
import { useState, type ReactElement } from "react";
import { Button } from "../components/Button";
import { Form, PasswordField, SubmitButton, TextField } from "../components/Form";
import { Notice } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { useAuth } from "../contexts/AuthContext";
import { useSubmit } from "../lib/useSubmit";
import authService, { type Proof } from "../services/authService";
import { DeadLink, WayOn } from "./LinkPage";

export default function VerifyEmailPage(): ReactElement {
  const [token, forgetToken] = useLetterToken();
  const { user, checkAuth } = useAuth();
  const [finished, setFinished] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const { submit, busy, problem, clear } = useSubmit(async (proof: Proof) => {
    await authService.verifyEmail(token ?? "", proof);
    forgetToken();
    setFinished(true);
    // A session that somebody else had opened is over now: this tab is the first to know.
    if (user) await checkAuth().catch(() => undefined);
  });
  const dead = problem?.code === "invalid_token";
  const change = (): void => {
    clear();
    setChoosing(!choosing);
  };
  return (
    <div className="stack stack--loose">
      <PageTitle takesFocus={finished}>Confirm your address</PageTitle>
      {finished ? (
        <Notice look="success">
          <p>{choosing ? "Your address is confirmed, and your password is set." : "Your address is confirmed."}</p>
        </Notice>
      ) : token === null || dead ? (
        <>
          {dead && <DeadLink />}
          <ResendForm />
        </>
      ) : (
        <>
          {choosing ? (
            <p>
              The account is yours with the password that you choose. Whatever was done with this address before, by you
              or by somebody else, ends: sessions, passwords and the name.
            </p>
          ) : (
            <p>
              Give the password that you registered with, and we know that it was you. If you didn’t register, close
              this page: the address stays unconfirmed.
            </p>
          )}
          <Form
            key={choosing ? "choose" : "give"}
            problem={problem}
            busy={busy}
            fields={choosing ? ["new_password"] : ["password"]}
            codes={choosing ? {} : { invalid_grant: "password" }}
            takesFocus={choosing}
            onSubmit={(values) =>
              submit(choosing ? { new_password: values.text("new_password") } : { password: values.text("password") })
            }
          >
            {choosing ? (
              <PasswordField
                name="new_password"
                label="New password"
                autoComplete="new-password"
                hint="At least 8 characters. Every device is signed out when you set it."
                required
              />
            ) : (
              <PasswordField name="password" label="Password" autoComplete="current-password" required />
            )}
            <SubmitButton wide>{choosing ? "Confirm and set password" : "Confirm my address"}</SubmitButton>
          </Form>
          <Button onClick={change}>{choosing ? "I know my password" : "I don’t know it: choose a new one"}</Button>
        </>
      )}
      <WayOn />
    </div>
  );
}

function ResendForm(): ReactElement {
  const { user } = useAuth();
  const [sent, setSent] = useState(false);
  const { submit, busy, problem } = useSubmit(async (email: string) => {
    await authService.resendVerification(email);
    setSent(true);
  });
  if (sent) {
    return (
      <Notice look="success">
        <p>If that address waits to be confirmed, a letter is on its way.</p>
      </Notice>
    );
  }
  return (
    <Form problem={problem} busy={busy} fields={["email"]} onSubmit={(values) => submit(values.text("email").trim())}>
      <TextField
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        hint="We’ll send the confirmation letter again."
        defaultValue={user?.email}
        required
      />
      <SubmitButton wide>Send the letter</SubmitButton>
    </Form>
  );
}
