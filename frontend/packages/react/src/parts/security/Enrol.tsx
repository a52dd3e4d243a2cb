"use client";

/** Setting up a second step at the door, in a log-in of an account that has to have one: a passkey, or an app for codes. */
import type { components, SecondFactor } from "@latchkey/client";
import { createPasskey, passkeysAvailable, type MadePasskey } from "@latchkey/client/passkeys";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { useSetting } from "../../core/setting.js";
import { useSecondWords } from "../../core/spoken.js";
import { useAction } from "../../hooks/useAction.js";
import { unlessCancelled, useUntilGone } from "../../hooks/usePasskeys.js";
import { factors } from "../../messages/factors.js";
import { second } from "../../messages/second.js";
import { Button } from "../../ui/Button.js";
import { Form, Submit } from "../../ui/Form.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Title } from "../../ui/Title.js";
import { withWords } from "../keyProblem.js";
import { CodeField, digitsOf } from "../ProofField.js";
import { AppKey } from "./AppKey.js";
import { KeepCodes } from "./KeepCodes.js";

type Schemas = components["schemas"];
type Begun = Schemas["DoorEnrolmentResponse"] | Schemas["DoorPasskeyResponse"];
type Kind = Schemas["EnrolRequest"]["kind"];
type Confirmed = Extract<SecondFactor, { mail_code?: unknown }>;

const WORDS = { ...factors, ...second };

export interface EnrolProps {
  /** The reader is in. */
  onDone?: (() => void) | undefined;
  /** The log-in is over: it has to be begun again. */
  onOver: () => void;
}

export function Enrol({ onDone, onOver }: EnrolProps): ReactElement {
  const words = useSecondWords(WORDS);
  const { client, owed, show } = useSetting();
  const [begun, setBegun] = useState<Begun>();
  const made = useRef<MadePasskey>(undefined);
  const signal = useUntilGone();
  const challenge = owed?.more.challenge ?? "";
  const kinds = (["passkey", "totp"] as const).filter(
    (kind) => owed?.methods.includes(kind) && (kind !== "passkey" || passkeysAvailable()),
  );
  const begin = useAction(async (kind: Kind) => {
    setBegun(await client.open("POST", "/api/auth/second-factor/enrol", { body: { challenge, kind } }));
  });
  const confirm = useAction(
    async (shown: Omit<Confirmed, "challenge">) => {
      let codes: readonly string[] = [];
      const user = await client.enter("/api/auth/second-factor/enrol/confirm", { challenge, ...shown }, (answer) => {
        codes = answer.recovery_codes ?? [];
      });
      // They are shown over whatever page comes next: there is no second time.
      if (codes.length > 0) show(<KeepCodes codes={codes} whose={user.id} onKept={() => show(null)} />);
      onDone?.();
    },
    { fields: ["code", "mail_code"], at: { invalid_code: begun && "options" in begun ? "mail_code" : "code" } },
  );
  const make = useAction(async (options: Schemas["CreationOptionsResponse"], mailCode: string | undefined) => {
    // One that was made already is shown again: a wrong code from the mailbox is no reason for a second one.
    made.current ??= await unlessCancelled(createPasskey(options, { signal: signal() }));
    await confirm.submit({ passkey: made.current, ...(mailCode !== undefined && { mail_code: mailCode }) });
  });
  const over = [begin, confirm].some(({ problem }) => problem?.code === "invalid_challenge");
  useEffect(() => {
    if (over) onOver();
  }, [over, onOver]);
  const mailCode = (text: string) => (begun?.mail_code ? digitsOf(text) : undefined);
  if (!begun) {
    const problem = withWords(begin.problem, words);
    return (
      <>
        <Title>{words.enrolTitle}</Title>
        <p>{words.enrolText}</p>
        <div role="alert" className="lk-region">
          {problem && <ProblemNotice problem={problem} wait={begin.wait} announce={false} />}
        </div>
        {kinds.map((kind, index) => (
          <Button
            key={kind}
            wide
            look={index === 0 ? "primary" : "secondary"}
            busy={begin.busy}
            aria-disabled={begin.wait > 0}
            onClick={() => void begin.submit(kind)}
          >
            {kind === "passkey" ? words.enrolKey : words.setUp}
          </Button>
        ))}
        {kinds.length === 0 && <p>{words.secondUnknown}</p>}
      </>
    );
  }
  if ("options" in begun) {
    const problem = make.problem ?? confirm.problem;
    return (
      <>
        <Title>{words.enrolKey}</Title>
        <p>{words.enrolKeyText}</p>
        {begun.mail_code && <p>{words.enrolMail}</p>}
        <Form
          id="enrol-key"
          action={{ ...confirm, busy: make.busy || confirm.busy, problem: withWords(problem, words) }}
          takesFocus
          onSubmit={(values) => {
            // Too late, or taken: the next one is made anew.
            if (confirm.problem?.code === "invalid_passkey") made.current = undefined;
            confirm.clear();
            void make.submit(begun.options, mailCode(values.text("mail_code")));
          }}
        >
          {begun.mail_code && <CodeField name="mail_code" label={words.mailCodeLabel} />}
          <Submit>{words.makeKey}</Submit>
        </Form>
      </>
    );
  }
  return (
    <>
      <Title>{words.setUp}</Title>
      <AppKey secret={begun.secret} uri={begun.uri} />
      {begun.mail_code && <p>{words.enrolMail}</p>}
      <Form
        id="enrol-code"
        action={confirm}
        takesFocus
        onSubmit={(values) => {
          const mailed = mailCode(values.text("mail_code"));
          const code = digitsOf(values.text("code"));
          void confirm.submit({ enrolment: begun.enrolment, code, ...(mailed !== undefined && { mail_code: mailed }) });
        }}
      >
        <CodeField label={words.appCode} />
        {begun.mail_code && <CodeField name="mail_code" label={words.mailCodeLabel} />}
        <Submit>{words.logIn}</Submit>
      </Form>
    </>
  );
}
