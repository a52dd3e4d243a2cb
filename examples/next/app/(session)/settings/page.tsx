import { Account } from "@latchkey/react";

export default function Page() {
  return <Account />;
}
