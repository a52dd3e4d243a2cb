/** Pages behind the links of letters: one button, because programs that look into mail follow links, and a token works once. */
import { useState, type ReactElement, type ReactNode } from "react";
import { Link } from "react-router";
import { Button } from "../components/Button";
import { Form, SubmitButton, TextField } from "../components/Form";
import { Notice } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { useAuth } from "../contexts/AuthContext";
import { useFragmentToken } from "../lib/fragment";
import { useSubmit } from "../lib/useSubmit";
import authService from "../services/authService";

interface LinkPageProps {
  title: string;
  text: string;
  action: string;
  done: string;
  /** Spend the token. */
  spend: (token: string) => Promise<void>;
  /** What to offer when there is no token, or one that is no good. */
  otherwise?: ReactNode;
}

function LinkPage({ title, text, action, done, spend, otherwise }: LinkPageProps): ReactElement {
  const token = useFragmentToken();
  const { user, checkAuth } = useAuth();
  const [finished, setFinished] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await spend(token ?? "");
    setFinished(true);
    await checkAuth();
  });
  const dead = problem?.code === "invalid_token" || problem?.code === "validation_error";
  return (
    <div className="stack stack--loose">
      <PageTitle>{title}</PageTitle>
      {finished ? (
        <Notice look="success">
          <p>{done}</p>
        </Notice>
      ) : token === null || dead ? (
        <>
          {(dead || !otherwise) && (
            <Notice look="error" title="This link is no good any more">
              <p>It was used already, has run out, or isn’t complete.</p>
            </Notice>
          )}
          {otherwise}
        </>
      ) : (
        <>
          <p>{text}</p>
          {problem && <ProblemNotice problem={problem} />}
          <Button look="primary" wide busy={busy} onClick={() => submit()}>
            {action}
          </Button>
        </>
      )}
      <div className="welcome__links">
        {user ? <Link to="/dashboard">To your account</Link> : <Link to="/login">To the log-in page</Link>}
      </div>
    </div>
  );
}

export function VerifyEmailPage(): ReactElement {
  return (
    <LinkPage
      title="Confirm your address"
      text="One press, and we know that letters reach you."
      action="Confirm my address"
      done="Your address is confirmed."
      spend={(token) => authService.verifyEmail(token)}
      otherwise={<ResendForm />}
    />
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

export function ConfirmEmailPage(): ReactElement {
  return (
    <LinkPage
      title="Confirm your new address"
      text="From now on you log in with it, and our letters go there."
      action="Use the new address"
      done="Done: the new address is yours. We have told the old one."
      spend={(token) => authService.confirmEmail(token)}
    />
  );
}

export function UndoEmailChangePage(): ReactElement {
  return (
    <LinkPage
      title="Take back the change of address"
      text="Your account goes back to this address, and every device is signed out. If it wasn’t you who changed it, set a new password afterwards."
      action="Take it back"
      done="Done: this address is yours again, and every device is signed out. Log in, and set a new password if it wasn’t you."
      spend={(token) => authService.undoEmailChange(token)}
    />
  );
}
