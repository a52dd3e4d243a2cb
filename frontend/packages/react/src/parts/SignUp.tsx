"use client";

import { useState, type ReactElement } from "react";
import { late } from "../core/late.js";
import { hasPasskey, providersOf } from "../core/options.js";
import { useSetting } from "../core/setting.js";
import { useSignUp } from "../hooks/useSignIn.js";
import { EmailField, NewPasswordField, TextField } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";
import { useArrival } from "./arrive.js";
import { Instead, NewByPasskey, Providers, SecondStep } from "./Moments.js";
import { Waiting } from "./Waiting.js";

const SignIn = late(() => import("./SignIn.js").then((found) => found.SignIn));

/** A way back to where a part was put in the place of another. */
export interface Back {
  to: string | undefined;
  onPress?: () => void;
}

export interface SignUpProps {
  /** Where one is led once signed in. Without it: `links.account`. */
  after?: string;
  /** The way back to the log-in; without it, `links.signIn`. */
  back?: Back;
}

/** Create an account, and be logged in; or be told to look for a letter, where addresses are confirmed first. */
export function SignUp({ after, back }: SignUpProps): ReactElement | null {
  const { words, asked, links, owed } = useSetting();
  const arrival = useArrival(after);
  const action = useSignUp();
  const [byKey, setByKey] = useState(false);
  if (arrival === "waiting") return <Waiting />;
  if (arrival === "in") return null;
  if (owed)
    return (
      <Part>
        <SecondStep />
      </Part>
    );
  const toLogIn = back ?? { to: links.signIn };
  const logIn = (text: string): ReactElement => <Link {...toLogIn}>{text}</Link>;
  const { registration } = asked.options ?? {};
  const closed = registration === "closed";
  if (action.writtenTo !== null || (closed && !providersOf(asked, true).length)) {
    return <Instead writtenTo={action.writtenTo} back={toLogIn} />;
  }
  if (registration === "by_mail") return <SignIn way="mail" {...(after !== undefined && { after })} />;
  return (
    <Part>
      {!byKey && (
        <>
          <Title>{words.register}</Title>
          {!closed && (
            <Form
              id="sign-up"
              action={action}
              onSubmit={(values) =>
                void action.submit({
                  email: values.text("email"),
                  password: values.text("password"),
                  full_name: values.text("full_name"),
                })
              }
            >
              <TextField name="full_name" label={words.fullName} autoComplete="name" />
              <EmailField />
              <NewPasswordField />
              <Submit>{words.createAccount}</Submit>
            </Form>
          )}
        </>
      )}
      {hasPasskey(asked, true) && <NewByPasskey chosen={byKey} choose={setByKey} />}
      {!byKey && <Providers registering after={after} />}
      <Ways>
        <span>
          <Say text={words.haveAccount} tags={{ link: logIn }} />
        </span>
      </Ways>
    </Part>
  );
}
