// The same page on a server, and what only servers and tests have.
import { createVerifier, hasSessionCookie } from "@latchkey/client/server";
import { createTestClient } from "@latchkey/client/testing";
import { renderToString } from "react-dom/server";
import { Page } from "./page.js";

const verifier = createVerifier({ issuer: "https://id.example.com" });
const refused = await verifier.verify("x").catch((error: unknown) => error);
const { status } = createTestClient().getState();
const cookie = hasSessionCookie({ headers: new Headers({ cookie: "__Host-refresh=x" }) });
if (!(refused instanceof Error) || status !== "signed_in" || !cookie) throw new Error("something is missing");
show(renderToString(<Page />));

function show(html: string): void {
  console.log(html);
}
