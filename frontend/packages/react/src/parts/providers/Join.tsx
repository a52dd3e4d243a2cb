"use client";

/** An account at a provider that opens none here yet: whoever it is shows that the account is theirs, and it does from now on. */
import { passkeysAvailable } from "@latchkey/client/passkeys";
import { useState, type ReactElement } from "react";
import { useSecondWords, spoken, useProviderWords } from "../../core/spoken.js";
import type { Action } from "../../hooks/useAction.js";
import { useProviderLink, type NotLinked, type ProviderLink } from "../../hooks/useProviders.js";
import { mail as letter } from "../../messages/mail.js";
import { providers as messages } from "../../messages/providers.js";
import { second } from "../../messages/second.js";
import { send } from "../../messages/send.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { EmailField, PasswordField, TextField, Username } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { Title } from "../../ui/Title.js";
import { withWords } from "../keyProblem.js";
import { digitsOf } from "../ProofField.js";
import { ofProvider } from "./problem.js";

const WORDS = { ...messages, ...letter, ...send };

/** What is known here, of what would do. */
const KNOWN = ["password", "passkey", "mail"] as const;
type Way = (typeof KNOWN)[number];

const LEADS = { password: "usePassword", passkey: "useKey", mail: "joinByMail" } as const;

export interface JoinProps {
  waiting: NotLinked;
  /** What the provider is called. */
  name: string;
  wait: (next: NotLinked) => void;
  again: Action<[]>;
  /** The reader is in. */
  onDone: () => void;
}

function All({ waiting, name, wait, again, onDone }: JoinProps): ReactElement {
  const words = { ...useSecondWords(second), ...useProviderWords(WORDS) };
  const link = useProviderLink(waiting, wait);
  const { show, mail } = link;
  const ways = waiting.methods.filter(
    (way): way is Way => KNOWN.some((known) => known === way) && (way !== "passkey" || passkeysAvailable()),
  );
  const [chosen, setChosen] = useState<Way>();
  const way = chosen ?? (waiting.sentTo !== null ? "mail" : ways[0]);
  // Where nothing but the mailbox would do, nobody says whether there is an account.
  const known = waiting.methods.some((method) => method !== "mail");
  const over = [show, mail].some(({ problem }) => problem?.code === "invalid_challenge");
  if (over) {
    const problem = ofProvider(again.problem, words, name);
    return (
      <>
        <Title key="over">{words.secondOver}</Title>
        <div role="alert" className="lk-region">
          {problem ? (
            <ProblemNotice problem={problem} wait={again.wait} announce={false} />
          ) : (
            <Notice look="warning" announce={false}>
              <p>{words.secondOverText}</p>
            </Notice>
          )}
        </div>
        <Button look="primary" wide busy={again.busy} onClick={() => void again.submit()}>
          {fill(words.providerAgain, { name })}
        </Button>
      </>
    );
  }
  const sent = way === "mail" && waiting.sentTo !== null;
  return (
    <>
      <Title key={known ? "known" : String(sent)}>
        {known
          ? words.joinTitle
          : sent
            ? words.lookForMail
            : waiting.email === null
              ? words.joinAskTitle
              : words.joinMailTitle}
      </Title>
      {!sent && (
        <p>
          <Say
            text={known ? words.joinText : waiting.email === null ? words.joinAskText : words.joinMailText}
            values={{ name, email: waiting.email ?? "" }}
          />
        </p>
      )}
      {way && (
        <Shown
          key={`${way} ${sent}`}
          way={way}
          waiting={waiting}
          link={link}
          name={name}
          first={!chosen}
          onDone={onDone}
        />
      )}
      {ways
        .filter((other) => other !== way)
        .map((other) => (
          <Button
            key={other}
            wide
            onClick={() => {
              show.clear();
              mail.clear();
              setChosen(other);
            }}
          >
            {words[LEADS[other]]}
          </Button>
        ))}
    </>
  );
}

interface ShownProps {
  way: Way;
  waiting: NotLinked;
  link: ProviderLink;
  name: string;
  /** Nothing was pressed for it. */
  first: boolean;
  onDone: () => void;
}

function Shown({ way, waiting, link: { show, mail }, name, first, onDone }: ShownProps): ReactElement {
  const words = { ...useSecondWords(second), ...useProviderWords(WORDS) };
  const problem = withWords(ofProvider(show.problem, words, name), words);
  const { email, sentTo } = waiting;
  if (way === "mail" && sentTo === null) {
    return (
      <Form
        id="join-mail"
        action={mail}
        takesFocus={!first}
        onSubmit={(values) => void mail.submit(email === null ? values.text("email") : undefined)}
      >
        {email === null && <EmailField />}
        <Submit>{words.sendMail}</Submit>
      </Form>
    );
  }
  return (
    <>
      {way === "mail" && (
        <p role="status">
          <Say text={words.joinSent} values={{ email: sentTo ?? "" }} />
        </p>
      )}
      <Form
        id={`join-${way}`}
        action={{ ...show, problem }}
        takesFocus={!first || sentTo !== null}
        onSubmit={(values) => {
          const shown =
            way === "passkey"
              ? way
              : way === "mail"
                ? { code: digitsOf(values.text("code")) }
                : { password: values.text("password") };
          void show.submit(shown).then((done) => done && onDone());
        }}
      >
        {way === "password" && (
          <>
            <Username value={email ?? ""} />
            <PasswordField />
          </>
        )}
        {way === "passkey" && <p>{words.secondKey}</p>}
        {way === "mail" && (
          <TextField
            name="code"
            label={words.code}
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\s*([0-9]\s*){6}"
            hint={words.codeHint}
            required
          />
        )}
        <Submit>{way === "mail" && waiting.methods.length === 1 ? words.logIn : words.joinAction}</Submit>
      </Form>
      {way === "mail" && (
        <>
          <div role="alert" className="lk-region">
            {mail.problem && <ProblemNotice problem={mail.problem} wait={mail.wait} announce={false} />}
          </div>
          <Button
            wide
            busy={mail.busy}
            aria-disabled={mail.wait > 0}
            onClick={() => {
              show.clear();
              void mail.submit(sentTo ?? undefined);
            }}
          >
            {words.sendAnother}
          </Button>
        </>
      )}
    </>
  );
}

export const Join = spoken(All);
