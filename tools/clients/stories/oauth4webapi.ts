// oauth4webapi, as its own examples have it.
import * as oauth from "oauth4webapi";
import { cell, given, hold, refused } from "./telling.js";

const insecure = { [oauth.allowInsecureRequests]: true }; // there is no https here
const app: oauth.Client = { client_id: "app" };
const { person, factor, guessed, password } = given;

async function discovered(issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(url, response);
}

async function logIn(as: oauth.AuthorizationServer, username: string, word: string) {
  const fields = { username, password: word };
  const response = await oauth.genericTokenEndpointRequest(as, app, oauth.None(), "password", fields, insecure);
  return oauth.processGenericTokenEndpointResponse(as, app, response);
}

async function renew(as: oauth.AuthorizationServer, token = "") {
  const response = await oauth.refreshTokenGrantRequest(as, app, oauth.None(), token, insecure);
  return oauth.processRefreshTokenResponse(as, app, response);
}

async function revoke(as: oauth.AuthorizationServer, token: string) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, app, oauth.None(), token, insecure));
}

async function introspect(as: oauth.AuthorizationServer, token: string, by = given.client_secret) {
  const us: oauth.Client = { client_id: given.client_id };
  const answers = [];
  for (const way of [oauth.ClientSecretBasic(by), oauth.ClientSecretPost(by)]) {
    const response = await oauth.introspectionRequest(as, us, way, token, insecure);
    answers.push(await oauth.processIntrospectionResponse(as, us, response));
  }
  return answers;
}

/** What it makes of an answer from 400 up: its own error, with what the service says. */
async function error(work: () => Promise<unknown>, status: number, code: string): Promise<oauth.ResponseBodyError> {
  const found = await refused(work);
  if (!(found instanceof oauth.ResponseBodyError)) throw found;
  hold(found.status === status && found.error === code, `${found.status} ${found.error}`);
  hold(!!found.error_description, "error_description");
  return found;
}

/** It has no error for what isn't 4xx, but hands over the answer. */
async function away(work: () => Promise<unknown>): Promise<string> {
  const found = await refused(work);
  if (!(found instanceof oauth.OperationProcessingError)) throw found;
  const response = found.cause as Response;
  hold(found.code === oauth.RESPONSE_IS_NOT_CONFORM && response.status === 503, `${found.code} ${response.status}`);
  hold(Number(response.headers.get("retry-after")) > 0, "Retry-After");
  const { error } = (await response.json()) as { error?: string };
  hold(error === "temporarily_unavailable", `error ${error}`);
  return "its error, with the answer: 503 temporarily_unavailable";
}

const as = await discovered(given.issuer);
if (given.away) {
  await cell("503", async () => {
    await away(() => introspect(as, given.access_token));
    await away(() => renew(as, given.refresh_token));
    return away(() => logIn(as, person, password));
  });
  process.exit();
}

await cell("discovery", async () => {
  hold(as.issuer === given.issuer, "issuer");
  hold(!!as.token_endpoint && !!as.revocation_endpoint && !!as.introspection_endpoint && !!as.jwks_uri, "endpoints");
  return "RFC 8414";
});
await cell("below a path", async () => {
  const below = await discovered(given.below);
  hold(below.token_endpoint === `${given.below}/oauth/token`, `${below.token_endpoint}`);
  await error(() => logIn(below, person, "wrong"), 400, "invalid_grant");
  return "RFC 8414, 3.1";
});
await cell("password", async () => {
  const found = await logIn(as, person, password);
  hold(found.token_type === "bearer" && (found.expires_in ?? 0) > 0 && !!found.refresh_token, "the answer");
  return "works";
});
await cell("refresh", async () => {
  const found = await renew(as, (await logIn(as, person, password)).refresh_token);
  hold(!!found.access_token && !!found.refresh_token, "the answer");
  return "works";
});
await cell("a wrong password", async () => {
  await error(() => logIn(as, person, "wrong"), 400, "invalid_grant");
  return "invalid_grant";
});
await cell("a second factor owed", async () => {
  const { cause } = await error(() => logIn(as, factor, password), 400, "invalid_grant");
  hold(cause.code === "second_factor_required" && String(cause.challenge).startsWith("lkc_"), "challenge");
  return "invalid_grant, with the challenge";
});
await cell("a spent token", async () => {
  const first = await logIn(as, person, password);
  const second = await renew(as, first.refresh_token);
  await renew(as, second.refresh_token);
  await error(() => renew(as, first.refresh_token), 400, "invalid_grant");
  await error(() => renew(as, second.refresh_token), 400, "invalid_grant"); // the session has ended
  return "invalid_grant";
});
await cell("revoke", async () => {
  for (const which of ["refresh_token", "access_token"] as const) {
    const found = await logIn(as, person, password);
    await revoke(as, found[which] ?? "");
    await error(() => renew(as, found.refresh_token), 400, "invalid_grant");
    for (const { active } of await introspect(as, found.access_token)) hold(!active, "active");
    await revoke(as, found[which] ?? ""); // once more
  }
  await revoke(as, "lkr_nobody's");
  return "works";
});
await cell("introspect", async () => {
  const found = await logIn(as, person, password);
  for (const answer of await introspect(as, found.access_token)) {
    const { active, sub, sid, exp, iss, username } = answer;
    hold(active && !!sub && !!sid && !!exp && iss === given.issuer && username === person, JSON.stringify(answer));
  }
  for (const token of [found.refresh_token ?? "", "nonsense", `${found.access_token.slice(0, -4)}AAAA`]) {
    for (const answer of await introspect(as, token)) hold(JSON.stringify(answer) === '{"active":false}', "inactive");
  }
  // A 401 with WWW-Authenticate is this one's error of another class.
  const wrong = await refused(() => introspect(as, found.access_token, "lks_wrong"));
  if (!(wrong instanceof oauth.WWWAuthenticateChallengeError)) throw wrong;
  hold(wrong.status === 401 && wrong.cause[0]?.scheme === "basic", "the challenge");
  return "active, or not; 401 for a wrong client";
});
await cell("verifies (RFC 9068)", async () => {
  const { access_token: token } = await logIn(as, person, password);
  const request = new Request(given.issuer, { headers: { Authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, given.audience, insecure);
  hold(claims.iss === given.issuer && !!claims.sub, "claims");
  return "works";
});
await cell("proves a key (RFC 9449)", async () => {
  hold(!!as.dpop_signing_alg_values_supported?.includes("ES256"), "metadata");
  const me = new URL(`${given.issuer}/api/users/me`);
  const ways = [];
  for (const alg of ["ES256", "Ed25519", "RS256"]) {
    const DPoP = oauth.DPoP(app, await oauth.generateKeyPair(alg));
    const again = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (problem) {
        if (!oauth.isDPoPNonceError(problem)) throw problem;
        return work(); // with the nonce that it has kept
      }
    };
    const grant = async (kind: string, fields: Record<string, string>, handle: oauth.DPoPHandle | undefined) => {
      const more = handle ? { ...insecure, DPoP: handle } : insecure;
      const response = await oauth.genericTokenEndpointRequest(as, app, oauth.None(), kind, fields, more);
      return oauth.processGenericTokenEndpointResponse(as, app, response);
    };
    const call = (token: string, handle: oauth.DPoPHandle | undefined) =>
      oauth.protectedResourceRequest(token, "GET", me, undefined, null, handle ? { ...insecure, DPoP: handle } : insecure);
    const opened = await again(() => grant("password", { username: person, password }, DPoP));
    hold(opened.token_type === "dpop", opened.token_type);
    hold((await again(() => call(opened.access_token, DPoP))).status === 200, "a call");
    const renewal = { refresh_token: opened.refresh_token ?? "" };
    for (const thief of [undefined, oauth.DPoP(app, await oauth.generateKeyPair("ES256"))]) {
      await error(() => again(() => grant("refresh_token", renewal, thief)), 400, "invalid_dpop_proof");
      const found = await refused(() => again(() => call(opened.access_token, thief)));
      if (!(found instanceof oauth.WWWAuthenticateChallengeError)) throw found;
      hold(found.status === 401 && found.cause[0]?.scheme === "dpop", "the challenge");
    }
    const next = await again(() => grant("refresh_token", renewal, DPoP));
    hold(next.token_type === "dpop", next.token_type);
    hold((await again(() => call(next.access_token, DPoP))).status === 200, "a call with the next token");
    const request = new Request(me, { headers: { Authorization: `Bearer ${next.access_token}` } });
    await refused(() => oauth.validateJwtAccessToken(as, request, given.audience, insecure)); // it looks at `cnf`
    ways.push(alg);
  }
  return `${ways.join(", ")}; a stolen pair is refused`;
});
await cell("429", async () => {
  for (let guess = 1; ; guess++) {
    const found = await refused(() => logIn(as, guessed, "wrong"));
    if (!(found instanceof oauth.ResponseBodyError)) throw found;
    if (found.status === 400 && guess < 10) continue;
    hold(found.status === 429 && found.error === "temporarily_unavailable", `${found.status} ${found.error}`);
    hold(Number(found.response.headers.get("retry-after")) > 0, "Retry-After");
    return "temporarily_unavailable, with Retry-After";
  }
});
await cell("at /api/auth", async () => {
  const older = { ...as, token_endpoint: `${given.issuer}/api/auth/login` };
  hold(!!(await logIn(older, person, password)).access_token, "the answer");
  // It takes no error that isn't application/json, and ours is application/problem+json there.
  const found = await refused(() => logIn(older, person, "wrong"));
  if (!(found instanceof oauth.OperationProcessingError)) throw found;
  hold(found.code === oauth.RESPONSE_IS_NOT_JSON && (found.cause as Response).status === 400, found.code ?? "");
  return "password works; a wrong one is its error, without the word";
});
