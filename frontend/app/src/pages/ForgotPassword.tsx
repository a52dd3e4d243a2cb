import { useState, type ReactElement } from "react";
import { Link } from "react-router";
import { Form, SubmitButton, TextField } from "../components/Form";
import { PageTitle } from "../components/Page";
import { useSubmit } from "../lib/useSubmit";
import authService from "../services/authService";

/** Ask for a link to set a new password. The answer never tells whether there is such an account, and nor does this page. */
export default function ForgotPasswordPage(): ReactElement {
  const [asked, setAsked] = useState<string | null>(null);
  const { submit, busy, problem } = useSubmit(async (email: string) => {
    await authService.forgotPassword(email);
    setAsked(email);
  });
  return (
    <div className="stack stack--loose">
      <PageTitle takesFocus={asked !== null}>
        {asked === null ? "Forgot your password?" : "Look for our letter"}
      </PageTitle>
      {asked === null ? (
        <Form
          problem={problem}
          busy={busy}
          fields={["email"]}
          onSubmit={(values) => submit(values.text("email").trim())}
        >
          <TextField
            name="email"
            label="E-mail"
            type="email"
            autoComplete="username"
            hint="We’ll send a link to set a new one."
            required
          />
          <SubmitButton wide>Send the link</SubmitButton>
        </Form>
      ) : (
        <p role="status">
          If there is an account for <strong>{asked}</strong>, a link is on its way to it. It works once, and not for
          long. Look in the spam folder too.
        </p>
      )}
      <div className="welcome__links">
        <Link to="/login">Back to log in</Link>
      </div>
    </div>
  );
}
