"use client";

/** The second step of logging in: an app that shows codes, recovery codes, and devices that aren't asked. */
import { useEffect, useRef, useState, type ReactElement } from "react";
import { secondFactorOf } from "../../core/options.js";
import { useAuth, useSetting, useWords } from "../../core/setting.js";
import { useFactors, useTrusted, type Factors as State } from "../../hooks/useFactors.js";
import { factors as messages } from "../../messages/factors.js";
import { second } from "../../messages/second.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Form, Submit } from "../../ui/Form.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { AppKey } from "../AppKey.js";
import { CodeField, digitsOf } from "../ProofField.js";
import { Codes } from "./Codes.js";
import { Badge, Card, Item, Loaded, Said } from "./pieces.js";

const WORDS = { ...messages, ...second };

/** The reader's second step. Nothing where the service has none, and neither has the account. */
export function Factors(): ReactElement | null {
  const words = useWords(WORDS);
  const { asked } = useSetting();
  const state = useFactors();
  const { factors, codes } = state;
  const c = useClass();
  const [said, setSaid] = useState("");
  const [kept, setKept] = useState(false);
  const on = factors?.totp != null;
  if (!on && !secondFactorOf(asked).set_up) return null;
  const keep = (): void => {
    setKept(true);
    state.forgetCodes();
  };
  return (
    <>
      <Card
        title={words.factor}
        lead={words.factorLead}
        mark={factors && <Badge look={on ? "success" : "accent"}>{on ? words.factorOn : words.factorNone}</Badge>}
      >
        <Said>{said && <p>{said}</p>}</Said>
        <Loaded of={state} rows={1}>
          {factors && (
            <div className={c("stack")}>
              <App state={state} on={on} onSaid={setSaid} />
            </div>
          )}
        </Loaded>
      </Card>
      {on && (
        <Card title={words.recoveryCodes} lead={fill(words.codesLead, { left: factors.recovery_codes.left })}>
          {codes ? <Codes codes={codes} onKept={keep} /> : <NewCodes state={state} takesFocus={kept} />}
        </Card>
      )}
      {on && <TrustedDevices />}
    </>
  );
}

interface AppProps {
  state: State;
  on: boolean;
  onSaid: (said: string) => void;
}

function App({ state, on, onSaid }: AppProps): ReactElement {
  const words = useWords(WORDS);
  const { user } = useAuth();
  const { asked } = useSetting();
  const c = useClass();
  const { factors, enrolment, begin, confirm, leave } = state;
  const [removing, setRemoving] = useState(false);
  const totp = factors?.totp;
  if (enrolment) {
    return confirm.problem?.code === "invalid_challenge" ? (
      <>
        <Notice look="warning">
          <p>{words.appOver}</p>
        </Notice>
        <Button onClick={leave}>{words.beginAgain}</Button>
      </>
    ) : (
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
    );
  }
  return (
    <>
      {totp && (
        <p>
          <Say text={words.factorSince} values={{ since: <FullTime at={totp.created_at} /> }} />
        </p>
      )}
      <div role="alert" className="lk-region">
        {begin.problem && <ProblemNotice problem={begin.problem} wait={begin.wait} announce={false} />}
      </div>
      {!on && !user?.email_verified && <p>{words.confirmFirst}</p>}
      <div className={c("row")}>
        {secondFactorOf(asked).set_up && (on || user?.email_verified) && (
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
        {on && !factors?.required && (
          <Button look="danger" onClick={() => setRemoving(true)}>
            {words.removeFactor}
          </Button>
        )}
      </div>
      {removing && (
        <Remove
          remove={state.remove}
          onClose={(removed) => {
            setRemoving(false);
            onSaid(removed ? words.factorRemoved : "");
          }}
        />
      )}
    </>
  );
}

function Remove({ remove, onClose }: { remove: State["remove"]; onClose: (removed: boolean) => void }): ReactElement {
  const words = useWords(WORDS);
  const { problem } = remove;
  // For a day after a recovery code was used: whoever has stolen one would be seen first.
  const told = problem?.code === "forbidden" ? { ...problem, message: words.removeLater } : problem;
  return (
    <Confirm
      title={fill("{what}?", { what: words.removeFactor })}
      text={words.removeFactorText}
      action={words.removeFactor}
      doing={{ ...remove, problem: told }}
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
  const words = useWords(messages);
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

function TrustedDevices(): ReactElement {
  const words = useWords(messages);
  const c = useClass();
  const { devices, askAgain, ...kept } = useTrusted();
  const { problem, wait } = askAgain;
  return (
    <Card title={words.trusted} lead={words.trustedLead}>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
      </div>
      <Loaded of={kept} rows={1}>
        {devices && (devices.length === 0 ? <p>{words.trustedNone}</p> : null)}
        {devices && devices.length > 0 && (
          <>
            <ul className={c("list")}>
              {devices.map((one) => (
                <Item
                  key={one.id}
                  icon="laptop"
                  title={one.device}
                  end={
                    <Button
                      aria-label={fill(words.askAgainOn, { device: one.device, network: one.network })}
                      onClick={() => void askAgain.submit(one.id)}
                    >
                      {words.askAgain}
                    </Button>
                  }
                >
                  <p className={c("hint")}>
                    <Say
                      text={words.trustedUntil}
                      values={{
                        network: one.network,
                        since: <Time at={one.since} />,
                        until: <FullTime at={one.until} />,
                      }}
                    />
                  </p>
                </Item>
              ))}
            </ul>
            <div className={c("row")}>
              <Button onClick={() => void askAgain.submit()}>{words.askAll}</Button>
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}
