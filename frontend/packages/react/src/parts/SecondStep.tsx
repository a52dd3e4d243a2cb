"use client";

/** The second step of a log-in: a code of the app or a recovery code; or setting the app up, where an account has to have one. */
import { useEffect, useRef, useState, type ReactElement } from "react";
import { secondFactorOf } from "../core/options.js";
import { useSetting, useWords } from "../core/setting.js";
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
import { Enrol } from "./Enrol.js";
import { digitsOf, ProofField } from "./ProofField.js";

export interface SecondStepProps {
  /** The reader is in. */
  onDone?: () => void;
}

export function SecondStep({ onDone }: SecondStepProps): ReactElement {
  const words = useWords(second);
  const step = useSecondFactor();
  const factor = {
    ...step,
    submit: async (...shown: Parameters<typeof step.submit>) => {
      const done = await step.submit(...shown);
      if (done) onDone?.();
      return done;
    },
  };
  const [enrolOver, setEnrolOver] = useState(false);
  const over = enrolOver || factor.problem?.code === "invalid_challenge";
  return (
    <>
      <Title>{factor.enrol ? words.enrolTitle : words.secondTitle}</Title>
      {over ? (
        <Over onAgain={factor.cancel} />
      ) : (
        <>
          {factor.enrol ? <Enrol factor={factor} onOver={() => setEnrolOver(true)} /> : <Code factor={factor} />}
          <Ways>
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
  const words = useWords(second);
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

const KNOWN = ["totp", "recovery_code"] as const;

function Code({ factor }: { factor: SecondFactor }): ReactElement {
  const words = useWords(second);
  const { asked } = useSetting();
  const c = useClass();
  const ways = KNOWN.filter((way) => factor.methods?.includes(way));
  const [chosen, setChosen] = useState<(typeof KNOWN)[number]>();
  const way = chosen ?? ways[0];
  const left = factor.problem?.attemptsLeft;
  const other = ways.find((one) => one !== way);
  if (!way) return <p>{words.secondUnknown}</p>;
  const code = way === "totp";
  return (
    <>
      <p>{code ? words.secondCode : words.secondRecovery}</p>
      <Form
        key={way}
        id={code ? "second" : "recovery"}
        action={factor}
        takesFocus
        onSubmit={(values) =>
          void factor.submit(
            code
              ? { code: digitsOf(values.text("code")), trust_device: values.text("trust") === "on" }
              : { recovery_code: values.trimmed("code") },
          )
        }
      >
        <ProofField way={way} hint={typeof left === "number" ? fill(words.attemptsLeft, { left }) : undefined} />
        {code && secondFactorOf(asked).trust_device && (
          <label className={c("check")}>
            <input type="checkbox" name="trust" /> {words.trustDevice}
          </label>
        )}
        <Submit>{words.logIn}</Submit>
      </Form>
      {other && (
        <Button
          wide
          onClick={() => {
            factor.clear();
            setChosen(other);
          }}
        >
          {other === "totp" ? words.useCode : words.useRecovery}
        </Button>
      )}
    </>
  );
}
