/** Providers that others run: a certified one (oidc-provider), twice, each on a port of this machine, with a log of its own. */
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import Provider, { type Context } from "oidc-provider";

export const CLIENT = "latchkey";
export const SECRET = "a secret of thirty-two letters or so";

export interface Elsewhere {
  issuer: string;
  /** What it was asked, a line each; nothing secret is in it. */
  log: string;
  /** Serve, for the front ends that are named: only to these it leads back. */
  serve: (id: string, fronts: readonly string[]) => void;
  close: () => Promise<void>;
}

/** A port that answers 503 until it is known who may be led back to where: the service wants to know the address first. */
export async function elsewhere(name: string): Promise<Elsewhere> {
  let listener: RequestListener = (_, response) => response.writeHead(503).end();
  const server: Server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = fileURLToPath(new URL("artifacts", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const log = `${folder}/provider-${name}.log`;
  writeFileSync(log, "");
  return {
    issuer,
    log,
    serve: (id, fronts) => {
      const provider = new Provider(issuer, configuration(fronts.map((front) => `${front}/login/callback/${id}`)));
      const note = (what: string) => (context: Context) => {
        const { client_id, response_type, grant_type, ...params } = context.oidc.params ?? {};
        const { code_challenge_method, code_verifier, nonce, state } = params;
        const given = Object.entries({ code_verifier, nonce, state }).filter(([, value]) => value);
        const said = { client_id, response_type, grant_type, code_challenge_method };
        appendFileSync(log, `${JSON.stringify({ what, ...said, given: given.map(([key]) => key) })}\n`);
      };
      provider.on("authorization.success", note("authorization"));
      provider.on("authorization.error", note("refusal"));
      provider.on("grant.success", note("token"));
      listener = provider.callback();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whoever gives any name and any password is logged in; a name with an @ is their address, too. */
function configuration(redirect_uris: string[]): object {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        client_name: "Latchkey",
        redirect_uris,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }] },
    cookies: { keys: ["a key of this run alone"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id.charAt(0).toUpperCase()}${id.slice(1).replace(/[.@].*/, "")}`,
        ...(id.includes("@") && { email: id, email_verified: true }),
      }),
    }),
  };
}
