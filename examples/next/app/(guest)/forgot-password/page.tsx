import { ForgotPassword } from "@latchkey/react";

export default function Page() {
  return <ForgotPassword />;
}
