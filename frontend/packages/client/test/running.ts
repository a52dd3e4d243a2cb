/** The real service, on stores in its own process: started, spoken to by commands, stopped. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";

const PYTHON = new URL("../../../../.venv/bin/python", import.meta.url).pathname;
const ROOT = new URL("../../../..", import.meta.url).pathname;

export class Running {
  private readonly directory = mkdtempSync(join(tmpdir(), "latchkey-client-"));
  private process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly settings: Record<string, string>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Running> {
    if (!existsSync(PYTHON)) throw new Error("run `make install` first: this test talks to the real service");
    const service = new Running(await freePort(), settings);
    await service.begin();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async begin(): Promise<void> {
    const command = ["-m", "service", "serve", "--port", String(this.port)];
    this.process = spawn(PYTHON, command, { cwd: this.directory, env: this.environment, stdio: "ignore" });
    const ready = async () => expect((await fetch(`${this.url}/api/health/ready`)).ok).toBe(true);
    await vi.waitFor(ready, { timeout: 20_000 });
  }

  /** Run a command of `latchkey`; return what it printed. */
  command(...words: string[]): string {
    const options = { cwd: this.directory, env: this.environment, encoding: "utf8" } as const;
    return execFileSync(PYTHON, ["-m", "service", ...words], options);
  }

  /** End the process, in good order; resolves once it has ended. */
  async end(): Promise<void> {
    const process = this.process;
    if (process?.exitCode !== null) return;
    await new Promise((resolve) => {
      process.once("exit", resolve);
      process.kill();
    });
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      PYTHONPATH: ROOT,
      DATABASE_URL: `sqlite://${join(this.directory, "test.sqlite3")}`,
      ...this.settings,
    };
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
