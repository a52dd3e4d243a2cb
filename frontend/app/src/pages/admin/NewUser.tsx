import type { ReactElement } from "react";
import { useNavigate } from "react-router";
import { CheckField, Form, PasswordField, SubmitButton, TextField } from "../../components/Form";
import { Card, Page } from "../../components/Page";
import { useStepUp } from "../../contexts/StepUpContext";
import { useToast } from "../../contexts/ToastContext";
import { useSubmit } from "../../lib/useSubmit";
import type { NewUser } from "../../services/types";
import userService from "../../services/userService";

/** Create an account for somebody. Without a password they choose their own, with the link of an e-mail. */
export default function NewUserPage(): ReactElement {
  const navigate = useNavigate();
  const stepUp = useStepUp();
  const toast = useToast();
  const { submit, busy, problem } = useSubmit(async (user: NewUser) => {
    const created = await stepUp(() => userService.create(user));
    toast(`${created.email} has an account.`);
    const letter = user.password ? "verify_address" : "set_password";
    await navigate(`/admin/users/${created.id}`, { state: { letter } });
  });
  return (
    <Page title="New user" back={{ to: "/admin/users", label: "Users" }} narrow>
      <Card>
        <Form
          problem={problem}
          busy={busy}
          fields={["email", "full_name", "password"]}
          codes={{ email_taken: "email" }}
          asksToLeave
          onSubmit={(values) =>
            submit({
              email: values.text("email").trim(),
              full_name: values.optional("full_name"),
              ...(values.text("password") ? { password: values.text("password") } : {}),
              is_superuser: values.checked("is_superuser"),
            })
          }
        >
          <TextField name="email" label="E-mail" type="email" autoComplete="off" required />
          <TextField name="full_name" label="Full name" autoComplete="off" />
          <PasswordField
            name="password"
            label="Password"
            autoComplete="new-password"
            hint="Leave it empty: the user gets an e-mail with a link to choose their own."
          />
          <CheckField name="is_superuser" label="Administrator" hint="May do everything on these pages, to everyone." />
          <div className="row">
            <SubmitButton>Create user</SubmitButton>
          </div>
        </Form>
      </Card>
    </Page>
  );
}
