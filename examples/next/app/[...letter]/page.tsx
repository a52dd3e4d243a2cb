import { LetterPage } from "@latchkey/react";

/** The pages that links in e-mails lead to; every other address is not found. */
export const dynamicParams = false;
export const generateStaticParams = () =>
  [
    "verify-email",
    "reset-password",
    "confirm-email",
    "undo-email-change",
    "login/link",
    "recover-second-factor",
    "keep-second-factor",
  ].map((path) => ({ letter: path.split("/") }));

export default function Page() {
  return (
    <main>
      <LetterPage />
    </main>
  );
}
