/** Starts the real service, on a real PostgreSQL and Redis, for the whole run; stops it whatever happens. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

export interface Stage {
  /** The application, with access tokens of 15 minutes. A lost second factor can be taken away, here and at the others. */
  normal: string;
  /** The same with access tokens of three seconds. */
  brief: string;
  /** The same, wanting the password for each sensitive call. */
  strict: string;
  /** Another origin, which the service allows: whoever wants a front end there has to serve it. */
  elsewhere: string;
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
  const service = spawn(`${ROOT}/.venv/bin/python`, ["-m", "tests.support.stage", SITE], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => service.once("exit", () => resolve()));
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface(service.stdout).once("line", resolve)),
    ended.then(() => Promise.reject(new Error("The service could not be started."))),
  ]);
  project.provide("stage", JSON.parse(line) as Stage);
  return async () => {
    service.stdin.end();
    await ended;
  };
}
