"use client";

/** Creating an account with a passkey alone, where no e-mail goes out. */
import type { ReactElement } from "react";
import { late } from "../core/late.js";
import { useSetting } from "../core/setting.js";
import { spoken, useSecondWords } from "../core/spoken.js";
import { usePasskeySignUp } from "../hooks/usePasskeys.js";
import { second } from "../messages/second.js";
import { signUp } from "../messages/signUp.js";
import { Button } from "../ui/Button.js";
import { EmailField, TextField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Title } from "../ui/Title.js";
import { withWords } from "./keyProblem.js";
import type { KeepCodesProps } from "./security/KeepCodes.js";

const WORDS = { ...second, ...signUp };

/** Needed once, at the end. */
const KeepCodes = late<KeepCodesProps>(() => import("./security/KeepCodes.js").then((part) => part.KeepCodes));

export interface NewByPasskeyProps {
  /** The reader would rather have it so than with a password. */
  chosen: boolean;
  choose: (chosen: boolean) => void;
}

function New({ chosen, choose }: NewByPasskeyProps): ReactElement {
  const words = useSecondWords(WORDS);
  const { show } = useSetting();
  const action = usePasskeySignUp((codes, whose) =>
    // They are shown over whatever page comes next: there is no second time.
    show(<KeepCodes codes={codes} whose={whose} onKept={() => show(null)} />),
  );
  const other = (
    <Button
      wide
      onClick={() => {
        action.clear();
        choose(!chosen);
      }}
    >
      {chosen ? words.byNewPassword : words.byNewKey}
    </Button>
  );
  if (!chosen) return other;
  return (
    <>
      <Title>{words.byNewKey}</Title>
      <p>{words.newKeyText}</p>
      <Form
        id="sign-up-key"
        action={{ ...action, problem: withWords(action.problem, words) }}
        takesFocus
        onSubmit={(values) => void action.submit({ email: values.text("email"), full_name: values.text("full_name") })}
      >
        <TextField name="full_name" label={words.fullName} autoComplete="name" />
        <EmailField />
        <Submit>{words.createAccount}</Submit>
      </Form>
      {other}
    </>
  );
}

export const NewByPasskey = spoken(New, null);
