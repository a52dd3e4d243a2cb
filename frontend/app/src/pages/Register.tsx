import { useState, type ReactElement } from "react";
import { Link } from "react-router";
import { Form, PasswordField, SubmitButton, TextField } from "../components/Form";
import { PageTitle } from "../components/Page";
import { useAuth } from "../contexts/AuthContext";
import { useSubmit } from "../lib/useSubmit";

/** Create an account, and be logged in; or be told to look for a letter, where addresses are confirmed first. */
export default function RegisterPage(): ReactElement {
  const { register } = useAuth();
  const [writtenTo, setWrittenTo] = useState<string | null>(null);
  const { submit, busy, problem } = useSubmit(async (email: string, password: string, name: string | null) => {
    const signedIn = await register(email, password, name ?? undefined);
    if (!signedIn) setWrittenTo(email);
  });
  if (writtenTo !== null) {
    return (
      <div className="stack">
        <PageTitle takesFocus>Look for our letter</PageTitle>
        <p role="status">
          We have written to <strong>{writtenTo}</strong>. Open the link in that letter to confirm your address, then
          log in.
        </p>
        <div className="welcome__links">
          <Link to="/login">To the log-in page</Link>
          <Link to="/verify-email">Nothing has come?</Link>
        </div>
      </div>
    );
  }
  return (
    <div className="stack stack--loose">
      <PageTitle>Create an account</PageTitle>
      <Form
        problem={problem}
        busy={busy}
        fields={["email", "password", "full_name"]}
        codes={{ email_taken: "email" }}
        onSubmit={(values) =>
          submit(values.text("email").trim(), values.text("password"), values.optional("full_name"))
        }
      >
        <TextField name="full_name" label="Full name" autoComplete="name" />
        <TextField name="email" label="E-mail" type="email" autoComplete="username" required />
        <PasswordField
          name="password"
          label="Password"
          autoComplete="new-password"
          hint="At least 8 characters. A few words in a row are good, and easy to remember."
          required
        />
        <SubmitButton wide>Create account</SubmitButton>
      </Form>
      <div className="welcome__links">
        <span>
          Have an account? <Link to="/login">Log in</Link>
        </span>
      </div>
    </div>
  );
}
