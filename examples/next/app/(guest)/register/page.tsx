import { SignUp } from "@latchkey/react";

export default function Page() {
  return <SignUp />;
}
