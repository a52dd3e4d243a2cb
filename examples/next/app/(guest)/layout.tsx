import { GuestRoute } from "@latchkey/react/next";
import type { ReactNode } from "react";

export default function Guests({ children }: { children: ReactNode }) {
  return (
    <GuestRoute>
      <main>{children}</main>
    </GuestRoute>
  );
}
