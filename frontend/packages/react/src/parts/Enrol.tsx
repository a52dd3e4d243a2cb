"use client";

/** Setting up an app for codes at the door, in a log-in of an account that has to have one. */
import type { components } from "@latchkey/client";
import { useEffect, useState, type ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import type { SecondFactor } from "../hooks/useSecondFactor.js";
import { second } from "../messages/second.js";
import { Form, Submit } from "../ui/Form.js";
import { AppKey } from "./AppKey.js";
import { CodeField, digitsOf } from "./ProofField.js";

type Enrolment = components["schemas"]["DoorEnrolmentResponse"];

interface EnrolProps {
  factor: SecondFactor;
  /** The log-in is over: it has to be begun again. */
  onOver: () => void;
}

export function Enrol({ factor, onOver }: EnrolProps): ReactElement {
  const words = useWords(second);
  const { client, owed } = useSetting();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const challenge = owed?.more.challenge ?? "";
  const begin = useAction(async () => {
    const begun = await client.open("POST", "/api/auth/second-factor/enrol", { body: { challenge, kind: "totp" } });
    if ("secret" in begun) setEnrolment(begun); // as asked for; else it would be options for a passkey
  });
  const over = begin.problem?.code === "invalid_challenge";
  useEffect(() => {
    if (over) onOver();
  }, [over, onOver]);
  if (!enrolment) {
    return (
      <Form id="enrol" action={begin} onSubmit={() => void begin.submit()}>
        <p>{words.enrolText}</p>
        <Submit>{words.enrolAction}</Submit>
      </Form>
    );
  }
  return (
    <>
      <AppKey secret={enrolment.secret} uri={enrolment.uri} />
      <p>{words.enrolAfter}</p>
      <Form
        id="enrol-code"
        action={factor}
        takesFocus
        onSubmit={(values) =>
          void factor.submit({
            enrolment: enrolment.enrolment,
            code: digitsOf(values.text("code")),
            ...(enrolment.mail_code && { mail_code: digitsOf(values.text("mail_code")) }),
          })
        }
      >
        <CodeField label={words.appCode} />
        {enrolment.mail_code && <CodeField name="mail_code" label={words.mailCodeLabel} />}
        <Submit>{words.logIn}</Submit>
      </Form>
    </>
  );
}
