/** Step-up: some calls want the password again. This asks for it, and then repeats the call. */
import { useAuth } from "@latchkey/react";
import { createContext, useCallback, useContext, useState, type ReactElement, type ReactNode } from "react";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Form, PasswordField, SubmitButton, Username } from "../components/Form";
import { problemOf } from "../lib/problem";
import { Cancelled, useSubmit } from "../lib/useSubmit";
import api from "../services/api";

/** Do `action`. If it wants a fresh session, ask for the password, and do it once more, with the password at hand. */
export type StepUp = <T>(action: (password?: string) => Promise<T>) => Promise<T>;

interface Question {
  answer: (password: string) => void;
  cancel: () => void;
}

const StepUpContext = createContext<StepUp | null>(null);

export function StepUpProvider({ children }: { children: ReactNode }): ReactElement {
  const [question, setQuestion] = useState<Question | null>(null);

  const stepUp = useCallback<StepUp>(async (action) => {
    try {
      return await action();
    } catch (error) {
      if (problemOf(error).code !== "reauthentication_required") throw error;
    }
    const password = await new Promise<string>((resolve, reject) => {
      setQuestion({ answer: resolve, cancel: () => reject(new Cancelled()) });
    }).finally(() => setQuestion(null));
    return action(password);
  }, []);

  return (
    <StepUpContext value={stepUp}>
      {children}
      {question && <StepUpDialog question={question} />}
    </StepUpContext>
  );
}

function StepUpDialog({ question }: { question: Question }): ReactElement {
  const { user } = useAuth();
  const { submit, busy, problem } = useSubmit(async (password: string) => {
    await api.reauthenticate(password);
    question.answer(password);
  });
  return (
    <Dialog
      title="Confirm that it’s you"
      text="This takes more than being signed in. Please enter your password to continue."
      onClose={question.cancel}
    >
      <Form
        problem={problem}
        busy={busy}
        fields={["password"]}
        codes={{ invalid_grant: "password" }}
        onSubmit={(values) => submit(values.text("password"))}
      >
        <Username value={user?.email ?? ""} />
        <PasswordField name="password" label="Password" autoComplete="current-password" required />
        <div className="row row--end">
          <Button onClick={question.cancel}>Cancel</Button>
          <SubmitButton>Continue</SubmitButton>
        </div>
      </Form>
    </Dialog>
  );
}

export function useStepUp(): StepUp {
  const stepUp = useContext(StepUpContext);
  if (!stepUp) throw new Error("useStepUp needs a StepUpProvider above it");
  return stepUp;
}
