import { RoutedLatchkey } from "@latchkey/react/next";
import "@latchkey/react/styles.css";
import type { ReactNode } from "react";

const LINKS = {
  signIn: "/login",
  signUp: "/register",
  forgotPassword: "/forgot-password",
  account: "/",
  settings: "/settings",
};

export const metadata = { title: "Notes" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <RoutedLatchkey links={LINKS}>{children}</RoutedLatchkey>
      </body>
    </html>
  );
}
