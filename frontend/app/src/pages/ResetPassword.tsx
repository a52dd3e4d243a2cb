import { useLetterToken } from "@latchkey/client/react";
import type { ReactElement } from "react";
import { Link, useNavigate } from "react-router";
import { Form, PasswordField, SubmitButton } from "../components/Form";
import { Notice } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { useSubmit } from "../lib/useSubmit";
import authService from "../services/authService";

/** Set a new password with the token of a letter: a forgotten one, or the first one of an account somebody made for you. */
export default function ResetPasswordPage(): ReactElement {
  const [token, forgetToken] = useLetterToken();
  const navigate = useNavigate();
  const { submit, busy, problem } = useSubmit(async (password: string) => {
    await authService.resetPassword(token ?? "", password);
    forgetToken();
    await navigate("/login", { replace: true, state: { message: "Your password is set. Log in with it." } });
  });
  const dead = token === null || problem?.code === "invalid_token";
  return (
    <div className="stack stack--loose">
      <PageTitle>Set a new password</PageTitle>
      {dead ? (
        <Notice look="error" title="This link is no good any more">
          <p>
            It was used already, has run out, or isn’t complete. <Link to="/forgot-password">Ask for a new one</Link>.
          </p>
        </Notice>
      ) : (
        <Form
          problem={problem}
          busy={busy}
          fields={["password"]}
          onSubmit={(values) => submit(values.text("password"))}
        >
          <PasswordField
            name="password"
            label="New password"
            autoComplete="new-password"
            hint="At least 8 characters. Every device is signed out when you set it."
            required
          />
          <SubmitButton wide>Set password</SubmitButton>
        </Form>
      )}
      <div className="welcome__links">
        <Link to="/login">Back to log in</Link>
      </div>
    </div>
  );
}
