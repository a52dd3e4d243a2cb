/** Behind the link of a letter to log in with: shows who asked for it, and logs in when its reader says so, here. */
import { useMailLogin } from "@latchkey/client/react";
import type { ReactElement } from "react";
import { Link, useNavigate } from "react-router";
import { Button } from "../components/Button";
import { Loaded } from "../components/Loading";
import { PageTitle } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { Time } from "../components/Time";
import { useFragmentToken } from "../lib/fragment";
import { useResource } from "../lib/useResource";
import { useSubmit } from "../lib/useSubmit";
import { DeadLink } from "./LinkPage";

export default function MailLinkPage(): ReactElement {
  const token = useFragmentToken();
  return (
    <div className="stack stack--loose">
      <PageTitle>Log in with this link</PageTitle>
      {token === null ? <DeadLink /> : <Press token={token} />}
      <div className="welcome__links">
        <Link to="/login">To the log-in page</Link>
      </div>
    </div>
  );
}

function Press({ token }: { token: string }): ReactElement {
  const { look, press } = useMailLogin();
  const navigate = useNavigate();
  const asked = useResource(token, () => look(token));
  const { submit, busy, problem } = useSubmit(async () => {
    await press(token);
    await navigate("/dashboard", { replace: true });
  });
  const dead = [asked.problem?.code, problem?.code];
  if (dead.includes("invalid_challenge") || dead.includes("not_found")) return <DeadLink />;
  return (
    <Loaded resource={asked}>
      {({ email, at, ip, browser }) => (
        <div className="stack stack--loose">
          <p>It logs you in here, on this device. Is this what you asked for? If not, close this page.</p>
          <dl className="facts">
            <dt>Account</dt>
            <dd>{email}</dd>
            <dt>Asked for</dt>
            <dd>
              <Time at={at} />
            </dd>
            <dt>With</dt>
            <dd>{browser}</dd>
            <dt>From</dt>
            <dd>{ip}</dd>
          </dl>
          {problem && <ProblemNotice problem={problem} />}
          <Button look="primary" wide busy={busy} onClick={() => submit()}>
            Log in
          </Button>
        </div>
      )}
    </Loaded>
  );
}
