/** Log in by mail: ask for a letter, then type its code here, or open its link. */
import { useMailLogin } from "@latchkey/client/react";
import type { ReactElement } from "react";
import { Link, useLocation } from "react-router";
import { Button } from "../components/Button";
import { Form, SubmitButton, TextField } from "../components/Form";
import { Notice } from "../components/Notice";
import { PageTitle } from "../components/Page";
import { useSubmit } from "../lib/useSubmit";

export default function MailLoginPage(): ReactElement {
  const { offer, email, start, finish, cancel } = useMailLogin();
  const state: unknown = useLocation().state;
  const asking = useSubmit(start);
  const typing = useSubmit(async (code: string) => {
    await finish(code);
  });
  const over = typing.problem?.code === "invalid_challenge";
  const another = (): void => {
    typing.clear();
    cancel();
  };
  return (
    <div className="stack stack--loose">
      <PageTitle>{email === null ? "Log in by mail" : "Look for our letter"}</PageTitle>
      {email === null ? (
        <>
          {over && (
            <Notice look="warning" title="That log-in is over">
              <p>Its link was used, too many codes were tried, or too much time has passed. Ask for another letter.</p>
            </Notice>
          )}
          <Form
            key="ask"
            problem={asking.problem}
            busy={asking.busy}
            fields={["email"]}
            onSubmit={(values) => {
              typing.clear();
              asking.submit(values.text("email").trim());
            }}
          >
            <TextField
              name="email"
              label="E-mail"
              type="email"
              autoComplete="username"
              hint={hintOf(offer?.code, offer?.link)}
              required
            />
            <SubmitButton wide>Send the letter</SubmitButton>
          </Form>
        </>
      ) : (
        <>
          <p role="status">
            {offer?.registers ? "A letter is on its way to " : "If there is an account, a letter is on its way to "}
            <strong>{email}</strong>. Look in the spam folder too.
          </p>
          {offer === undefined || offer.code ? (
            <Form
              key="code"
              problem={typing.problem}
              busy={typing.busy}
              fields={["code"]}
              codes={{ invalid_code: "code" }}
              takesFocus
              onSubmit={(values) => typing.submit(values.text("code").replace(/\s/g, ""))}
            >
              <TextField
                name="code"
                label="Code"
                inputMode="numeric"
                autoComplete="one-time-code"
                pattern="\s*([0-9]\s*){6}"
                title="Six digits"
                hint={
                  offer?.link
                    ? "Six digits. Or open the link in the letter: it logs you in where you open it."
                    : "Six digits. It works in this browser alone."
                }
                required
              />
              <SubmitButton wide>Log in</SubmitButton>
            </Form>
          ) : (
            <p>Open the link in it, on any device: it logs you in there.</p>
          )}
          <Button onClick={another}>Send another letter</Button>
        </>
      )}
      <div className="welcome__links">
        <Link to="/login" state={state}>
          Log in with a password
        </Link>
      </div>
    </div>
  );
}

function hintOf(code: boolean | undefined, link: boolean | undefined): string {
  if (code && link) return "We’ll send a code, and a link.";
  return link ? "We’ll send a link." : "We’ll send a code.";
}
