import { sentenceOf, type EndReason } from "@latchkey/client";
import { useMailLogin } from "@latchkey/client/react";
import type { ReactElement } from "react";
import { Link, useLocation } from "react-router";
import { Form, PasswordField, SubmitButton, TextField } from "../components/Form";
import { Notice, type NoticeLook } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { useAuth } from "../contexts/AuthContext";
import { useSubmit } from "../lib/useSubmit";

/** How loudly an ending is told; any other is somebody else's doing. */
const LOOKS: Partial<Record<EndReason, NoticeLook>> = {
  logged_out: "info",
  logged_out_everywhere: "info",
  expired: "info",
  too_old: "info",
  user_deleted: "info",
  reused: "error",
};

/** Log in. Says first why the reader is here, if a session of theirs was ended. */
export default function LoginPage(): ReactElement {
  const { login, ended } = useAuth();
  const { state } = useLocation() as { state: { from?: string; message?: string } | null };
  const { submit, busy, problem } = useSubmit(login);
  const { offer } = useMailLogin();
  // A wrong password and an address that is still to be confirmed look alike: the service doesn't tell who has an account.
  const refused = problem?.code === "invalid_grant";
  return (
    <div className="stack stack--loose">
      <PageTitle>Log in</PageTitle>
      {ended !== null && (
        <Notice look={LOOKS[ended as EndReason] ?? "warning"}>
          <p>{sentenceOf(ended)}</p>
        </Notice>
      )}
      {state?.message && (
        <Notice look="success">
          <p>{state.message}</p>
        </Notice>
      )}
      <Form
        problem={problem}
        busy={busy}
        fields={["email", "username", "password"]}
        codes={{ invalid_grant: "password" }}
        onSubmit={(values) => submit(values.text("email").trim(), values.text("password"))}
      >
        <TextField name="email" label="E-mail" type="email" autoComplete="username" required />
        <PasswordField name="password" label="Password" autoComplete="current-password" required />
        <SubmitButton wide>Log in</SubmitButton>
      </Form>
      {refused && (
        <p>
          New here? <Link to="/verify-email">Send the confirmation letter again</Link>
        </p>
      )}
      {offer && (offer.code || offer.link) && (
        <Link className="button button--secondary button--wide" to="/login/mail" state={state?.from ? state : null}>
          Log in by mail
        </Link>
      )}
      <div className="welcome__links">
        <Link to="/forgot-password">Forgot your password?</Link>
        <Link to="/register" state={state?.from ? { from: state.from } : null}>
          Create an account
        </Link>
      </div>
    </div>
  );
}
