/** Starts the real service, on a real PostgreSQL and Redis, for the whole run; stops it whatever happens. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { CLIENT, elsewhere, SECRET, type Elsewhere } from "./provider";

export interface Stage {
  /** The application, with access tokens of 15 minutes. A lost second factor can be taken away, here and at the others. */
  normal: string;
  /** The same with access tokens of three seconds. */
  brief: string;
  /** The same, wanting the password for each sensitive call. */
  strict: string;
  /** The strict one, which lets accounts in of two providers: `corp`, whose addresses it believes, and `club`, whose it doesn't. */
  partner: string;
  /** What each of the two was asked, a line each: paths of files. */
  logs: { corp: string; club: string };
  /** For browsers that bind sessions to a key: one where proofs are good for twenty seconds, and one that wants more of them than browsers sign. */
  bound: string;
  rationed: string;
  /** And one as they are, whose clock goes on when the operator says so (`advance`). */
  moved: string;
  /** Where these three really are: whoever opens their addresses has to stand in front of them, with TLS (`front.ts`). */
  behind: { bound: string; rationed: string; moved: string };
  /** Other origins, which the service allows: whoever wants a front end there has to serve it. */
  elsewhere: string;
  example: string;
  apart: string;
  /** Does what an operator does, with redis-cli and `latchkey`. */
  operator: string;
}

declare module "vitest" {
  interface ProvidedContext {
    stage: Stage;
  }
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SITE = fileURLToPath(new URL("../app/dist", import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(`${SITE}/index.html`)) throw new Error("The application isn't built: run `make app`.");
  const [corp, club] = await Promise.all([elsewhere("corp"), elsewhere("club")]);
  const settings = {
    PROVIDERS: "corp,club",
    FRESH_SESSION_MINUTES: "0",
    ...settingsOf("CORP", corp),
    ...settingsOf("CLUB", club),
  };
  const partner = Object.entries({ ...settings, PROVIDER_CORP_EMAILS: "trusted" }).map(([key, to]) => `${key}=${to}`);
  const service = spawn(`${ROOT}/.venv/bin/python`, ["-m", "tests.support.stage", SITE, ...partner], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => service.once("exit", () => resolve()));
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface(service.stdout).once("line", resolve)),
    ended.then(() => Promise.reject(new Error("The service could not be started."))),
  ]);
  const stage = { ...(JSON.parse(line) as Stage), logs: { corp: corp.log, club: club.log } };
  corp.serve("corp", [stage.partner, stage.rationed]);
  club.serve("club", [stage.partner]);
  project.provide("stage", stage);
  return async () => {
    service.stdin.end();
    await Promise.all([ended, corp.close(), club.close()]);
  };
}

function settingsOf(name: string, { issuer }: Elsewhere): Record<string, string> {
  const called = name.charAt(0) + name.slice(1).toLowerCase();
  const settings = { ID: CLIENT, SECRET, ISSUER: issuer, NAME: called };
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`PROVIDER_${name}_${key}`, value]));
}
