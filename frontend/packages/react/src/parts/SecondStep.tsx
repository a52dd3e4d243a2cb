"use client";

/** The second step of a log-in: a passkey, a code of the app or a recovery code; or setting one up, where an account has to have one. */
import { passkeysAvailable } from "@latchkey/client/passkeys";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { late } from "../core/late.js";
import { secondFactorOf } from "../core/options.js";
import { useSetting } from "../core/setting.js";
import { spoken, useSecondWords } from "../core/spoken.js";
import { usePasskeyStep } from "../hooks/usePasskeys.js";
import { useSecondFactor, type SecondFactor } from "../hooks/useSecondFactor.js";
import { second } from "../messages/second.js";
import { fill } from "../messages/table.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Notice } from "../ui/Notice.js";
import { Ways } from "../ui/Part.js";
import { Title } from "../ui/Title.js";
import type { EnrolProps } from "./security/Enrol.js";
import type { LostProps } from "./security/Lost.js";
import { withWords } from "./keyProblem.js";
import { digitsOf, LEADS, ProofField } from "./ProofField.js";

export interface SecondStepProps {
  /** The reader is in. */
  onDone?: () => void;
}

function Step({ onDone }: SecondStepProps): ReactElement {
  const words = useSecondWords(second);
  const step = useSecondFactor();
  const factor = {
    ...step,
    submit: async (...shown: Parameters<typeof step.submit>) => {
      const done = await step.submit(...shown);
      if (done) onDone?.();
      return done;
    },
  };
  const { asked } = useSetting();
  const [ended, setOver] = useState(false);
  const [lost, setLost] = useState(false);
  const over = ended || factor.problem?.code === "invalid_challenge";
  return (
    <>
      {!factor.enrol && !(lost && !over) && <Title>{words.secondTitle}</Title>}
      {over ? (
        <Over onAgain={factor.cancel} />
      ) : lost ? (
        <Lost onBack={() => setLost(false)} onOver={() => setOver(true)} />
      ) : (
        <>
          {factor.enrol ? (
            <Enrol onDone={onDone} onOver={() => setOver(true)} />
          ) : (
            <Shown factor={factor} onDone={onDone} onOver={() => setOver(true)} />
          )}
          <Ways>
            {!factor.enrol && secondFactorOf(asked).recovery && (
              <Link to={undefined} onPress={() => setLost(true)}>
                {words.lostIt}
              </Link>
            )}
            <Link to={undefined} onPress={factor.cancel}>
              {words.beginAgain}
            </Link>
          </Ways>
        </>
      )}
    </>
  );
}

/** The form is gone, and the focus with it: it goes on to what is left to do. */
function Over({ onAgain }: { onAgain: () => void }): ReactElement {
  const words = useSecondWords(second);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("button")?.focus(), []);
  return (
    <div ref={box}>
      <Notice look="warning" title={words.secondOver}>
        <p>{words.secondOverText}</p>
      </Notice>
      <Button look="primary" wide onClick={onAgain}>
        {words.beginAgain}
      </Button>
    </div>
  );
}

/** What is only needed where an account has none yet. */
const Enrol = late<EnrolProps>(() => import("./security/Enrol.js").then((part) => part.Enrol));

/** What is only needed once it is lost. */
const Lost = late<LostProps>(() => import("./security/Lost.js").then((part) => part.Lost));

const TEXTS = { passkey: "secondKey", totp: "secondCode", recovery_code: "secondRecovery" } as const;
const IDS = { passkey: "second-key", totp: "second", recovery_code: "recovery" } as const;
const KNOWN = ["passkey", "totp", "recovery_code"] as const;

interface ShownProps {
  onDone: (() => void) | undefined;
  factor: SecondFactor;
  /** The log-in is over: it has to be begun again. */
  onOver: () => void;
}

function Shown({ factor, onDone, onOver }: ShownProps): ReactElement {
  const words = useSecondWords(second);
  const { asked } = useSetting();
  const c = useClass();
  const key = usePasskeyStep();
  const there = factor.methods ?? [];
  const ways = KNOWN.filter((way) => there.includes(way) && (way !== "passkey" || passkeysAvailable()));
  const [chosen, setChosen] = useState<(typeof KNOWN)[number]>();
  const way = chosen ?? ways[0];
  const left = factor.problem?.attemptsLeft;
  const over = key.problem?.code === "invalid_challenge";
  useEffect(() => {
    if (over) onOver();
  }, [over, onOver]);
  if (!way) return <p>{there.includes("passkey") ? words.secondNoKeys : words.secondUnknown}</p>;
  const trusts = way !== "recovery_code" && secondFactorOf(asked).trust_device;
  return (
    <>
      <p>{words[TEXTS[way]]}</p>
      <Form
        key={way}
        id={IDS[way]}
        action={way === "passkey" ? { ...key, problem: withWords(key.problem, words) } : factor}
        takesFocus
        onSubmit={(values) => {
          const trust_device = values.text("trust") === "on";
          if (way === "passkey") void key.submit(trust_device).then((done) => done && onDone?.());
          else if (way === "totp") void factor.submit({ code: digitsOf(values.text("code")), trust_device });
          else void factor.submit({ recovery_code: values.trimmed("code") });
        }}
      >
        {way !== "passkey" && (
          <ProofField way={way} hint={typeof left === "number" ? fill(words.attemptsLeft, { left }) : undefined} />
        )}
        {trusts && (
          <label className={c("check")}>
            <input type="checkbox" name="trust" /> {words.trustDevice}
          </label>
        )}
        <Submit>{way === "passkey" ? words.keyAction : words.logIn}</Submit>
      </Form>
      {ways
        .filter((other) => other !== way)
        .map((other) => (
          <Button
            key={other}
            wide
            onClick={() => {
              factor.clear();
              key.clear();
              setChosen(other);
            }}
          >
            {words[LEADS[other]]}
          </Button>
        ))}
    </>
  );
}

/** The second step of a log-in, whichever way it began. */
export const SecondStep = spoken(Step);
