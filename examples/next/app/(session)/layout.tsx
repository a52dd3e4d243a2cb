import { UserButton } from "@latchkey/react";
import { SessionRoute } from "@latchkey/react/next";
import type { ReactNode } from "react";

export default function Inside({ children }: { children: ReactNode }) {
  return (
    <SessionRoute>
      <header>
        <UserButton />
      </header>
      <main>{children}</main>
    </SessionRoute>
  );
}
