"use client";

/** What opens an account besides, or instead of, its password: passkeys, an app for codes, recovery codes; and devices that aren't asked. */
import { useEffect, useRef, useState, type ReactElement } from "react";
import { late } from "../../core/late.js";
import { hasPasskey, secondFactorOf } from "../../core/options.js";
import { useAuth, useSetting } from "../../core/setting.js";
import { spoken, useSecondWords } from "../../core/spoken.js";
import { useFactors, type Factors as State } from "../../hooks/useFactors.js";
import { usePasskeys } from "../../hooks/usePasskeys.js";
import { factors as messages } from "../../messages/factors.js";
import { second } from "../../messages/second.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Form, Submit } from "../../ui/Form.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Badge, Card, Loaded, Said } from "../account/pieces.js";
import { withWords } from "../keyProblem.js";
import { CodeField, digitsOf } from "../ProofField.js";
import { AppKey } from "./AppKey.js";
import { Codes } from "./Codes.js";
import type { GoingProps } from "./Going.js";
import { Keys } from "./Keys.js";
import { TrustedDevices } from "./TrustedDevices.js";

const WORDS = { ...messages, ...second };

const Going = late<GoingProps>(() => import("./Going.js").then((part) => part.Going));

/** The reader's second step. Nothing where the service has none, and neither has the account. */
function All(): ReactElement | null {
  const words = useSecondWords(WORDS);
  const { asked } = useSetting();
  const state = useFactors();
  const passkeys = usePasskeys();
  const { factors } = state;
  const [kept, setKept] = useState(false);
  // It stays on the page to say so when they are kept.
  const [went, setGoing] = useState(false);
  const goes = factors?.recovery?.at;
  if (goes !== undefined && !went) setGoing(true);
  const keys = factors?.passkeys.length ?? 0;
  const app = factors?.totp != null;
  const any = app || keys > 0;
  const offered = secondFactorOf(asked).set_up;
  if (!any && !offered) return null;
  const codes = state.codes ?? passkeys.codes;
  const keep = (): void => {
    setKept(true);
    state.forgetCodes();
    passkeys.forgetCodes();
  };
  return (
    <>
      {went && <Going at={goes} reload={state.reload} />}
      {(keys > 0 || offered) && <Keys state={passkeys} offered={offered === true} />}
      {(app || offered) && <App state={state} others={keys > 0} />}
      {any && (
        <Card title={words.recoveryCodes} lead={fill(words.codesLead, { left: factors?.recovery_codes.left ?? 0 })}>
          {codes ? <Codes codes={codes} onKept={keep} /> : <NewCodes state={state} takesFocus={kept} />}
        </Card>
      )}
      {any && <TrustedDevices />}
    </>
  );
}

interface AppProps {
  state: State;
  /** There are other second factors. */
  others: boolean;
}

function App({ state, others }: AppProps): ReactElement {
  const words = useSecondWords(WORDS);
  const c = useClass();
  const [said, setSaid] = useState("");
  const { factors } = state;
  const on = factors?.totp != null;
  return (
    <Card
      title={words.factor}
      lead={words.factorLead}
      mark={factors && <Badge look={on ? "success" : "accent"}>{on ? words.factorOn : words.factorNone}</Badge>}
    >
      <Said>{said && <p>{said}</p>}</Said>
      <Loaded of={state} rows={1}>
        {factors && (
          <div className={c("stack")}>
            {state.enrolment ? (
              <Confirming state={state} onSaid={setSaid} />
            ) : (
              <Changing state={state} on={on} others={others} onSaid={setSaid} />
            )}
          </div>
        )}
      </Loaded>
    </Card>
  );
}

interface ConfirmingProps {
  state: State;
  onSaid: (said: string) => void;
}

function Confirming({ state: { enrolment, confirm, leave }, onSaid }: ConfirmingProps): ReactElement | null {
  const words = useSecondWords(WORDS);
  const c = useClass();
  if (confirm.problem?.code === "invalid_challenge") {
    return (
      <>
        <Notice look="warning">
          <p>{words.appOver}</p>
        </Notice>
        <Button onClick={leave}>{words.beginAgain}</Button>
      </>
    );
  }
  return (
    enrolment && (
      <>
        <AppKey secret={enrolment.secret} uri={enrolment.uri} />
        <Form
          id="factor"
          action={confirm}
          takesFocus
          onSubmit={(values) => {
            void confirm.submit(digitsOf(values.text("code"))).then((done) => done && onSaid(words.factorAdded));
          }}
        >
          <CodeField label={words.appCode} />
          <div className={c("row")}>
            <Submit wide={false}>{words.confirmApp}</Submit>
            <Button onClick={leave}>{words.cancel}</Button>
          </div>
        </Form>
      </>
    )
  );
}

interface ChangingProps extends ConfirmingProps {
  on: boolean;
  others: boolean;
}

function Changing({ state, on, others, onSaid }: ChangingProps): ReactElement {
  const words = useSecondWords(WORDS);
  const { user } = useAuth();
  const { asked } = useSetting();
  const c = useClass();
  // Where no e-mail goes out nobody can confirm an address.
  const proven = hasPasskey(asked, true) || user?.email_verified;
  const { factors, begin, left } = state;
  const [removing, setRemoving] = useState(false);
  const row = useRef<HTMLDivElement>(null);
  // The form is gone, and the focus with it.
  useEffect(() => {
    if (left) row.current?.querySelector("button")?.focus();
  }, [left]);
  return (
    <>
      {factors?.totp && (
        <p>
          <Say text={words.factorSince} values={{ since: <FullTime at={factors.totp.created_at} /> }} />
        </p>
      )}
      <div role="alert" className="lk-region">
        {begin.problem && <ProblemNotice problem={begin.problem} wait={begin.wait} announce={false} />}
      </div>
      {!on && !proven && <p>{words.confirmFirst}</p>}
      <div ref={row} className={c("row")}>
        {secondFactorOf(asked).set_up && (on || proven) && (
          <Button
            busy={begin.busy}
            aria-disabled={begin.wait > 0}
            onClick={() => {
              onSaid("");
              void begin.submit();
            }}
          >
            {on ? words.replaceApp : words.setUp}
          </Button>
        )}
        {on && (others || !factors?.required) && (
          <Button look="danger" onClick={() => setRemoving(true)}>
            {words.removeFactor}
          </Button>
        )}
      </div>
      {removing && (
        <Remove
          remove={state.remove}
          others={others}
          onClose={(removed) => {
            setRemoving(false);
            onSaid(removed ? words.factorRemoved : "");
          }}
        />
      )}
    </>
  );
}

interface RemoveProps {
  remove: State["remove"];
  others: boolean;
  onClose: (removed: boolean) => void;
}

function Remove({ remove, others, onClose }: RemoveProps): ReactElement {
  const words = useSecondWords(WORDS);
  return (
    <Confirm
      title={fill("{what}?", { what: words.removeFactor })}
      text={others ? words.removeFactorText : words.removeLastText}
      action={words.removeFactor}
      // For a day after a recovery code was used: whoever has stolen one would be seen first.
      doing={{ ...remove, problem: withWords(remove.problem, words, { forbidden: "removeLater" }) }}
      onConfirm={() => void remove.submit().then((done) => done && onClose(true))}
      onClose={() => {
        remove.clear();
        onClose(false);
      }}
    />
  );
}

interface NewCodesProps {
  state: State;
  /** It has come in the place of what the reader pressed a button of. */
  takesFocus: boolean;
}

function NewCodes({ state: { renewCodes }, takesFocus }: NewCodesProps): ReactElement {
  const words = useSecondWords(messages);
  const c = useClass();
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) row.current?.querySelector("button")?.focus();
  }, [takesFocus]);
  return (
    <>
      <p className={c("hint")}>{words.newCodesText}</p>
      <div role="alert" className="lk-region">
        {renewCodes.problem && <ProblemNotice problem={renewCodes.problem} wait={renewCodes.wait} announce={false} />}
      </div>
      <div ref={row} className={c("row")}>
        <Button busy={renewCodes.busy} aria-disabled={renewCodes.wait > 0} onClick={() => void renewCodes.submit()}>
          {words.newCodes}
        </Button>
      </div>
    </>
  );
}

export const Factors = spoken(All);
