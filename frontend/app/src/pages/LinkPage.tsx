/** Pages behind the links of letters: one button, because programs that look into mail follow links, and a token works once. */
import { useLetterToken } from "@latchkey/client/react";
import { useState, type ReactElement } from "react";
import { Link } from "react-router";
import { Button } from "../components/Button";
import { Notice } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { useAuth } from "../contexts/AuthContext";
import { useSubmit } from "../lib/useSubmit";
import authService from "../services/authService";

interface LinkPageProps {
  title: string;
  text: string;
  action: string;
  done: string;
  /** Spend the token. */
  spend: (token: string) => Promise<void>;
}

function LinkPage({ title, text, action, done, spend }: LinkPageProps): ReactElement {
  const [token, forgetToken] = useLetterToken();
  const { checkAuth } = useAuth();
  const [finished, setFinished] = useState(false);
  const { submit, busy, problem } = useSubmit(async () => {
    await spend(token ?? "");
    forgetToken();
    setFinished(true);
    // Whoever is signed in may have another address now, or be signed out: not knowing which is no failure of the link.
    await checkAuth().catch(() => undefined);
  });
  const dead = problem?.code === "invalid_token" || problem?.code === "validation_error";
  return (
    <div className="stack stack--loose">
      <PageTitle takesFocus={finished}>{title}</PageTitle>
      {finished ? (
        <Notice look="success">
          <p>{done}</p>
        </Notice>
      ) : token === null || dead ? (
        <DeadLink />
      ) : (
        <>
          <p>{text}</p>
          {problem && <ProblemNotice problem={problem} />}
          <Button look="primary" wide busy={busy} onClick={() => submit()}>
            {action}
          </Button>
        </>
      )}
      <WayOn />
    </div>
  );
}

/** What to say of a token that isn't there, or is no good. */
export function DeadLink(): ReactElement {
  return (
    <Notice look="error" title="This link is no good any more">
      <p>It was used already, has run out, or isn’t complete.</p>
    </Notice>
  );
}

/** Where a reader goes from here, signed in or not. */
export function WayOn(): ReactElement {
  const { user } = useAuth();
  return (
    <div className="welcome__links">
      {user ? <Link to="/dashboard">To your account</Link> : <Link to="/login">To the log-in page</Link>}
    </div>
  );
}

export function ConfirmEmailPage(): ReactElement {
  return (
    <LinkPage
      title="Confirm your new address"
      text="From now on the account that asked for it is logged in to with this address, and our letters go here. If that wasn’t you, close this page: nothing changes."
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
      text="Your account goes back to this address, and every device is signed out. The password is over too: we mail you a link to set a new one."
      action="Take it back"
      done="Done: this address is yours again, and every device is signed out. We have mailed you a link to set a new password: look for that letter, the old password is over."
      spend={(token) => authService.undoEmailChange(token)}
    />
  );
}
