// openid-client, which is what people use on top of oauth4webapi.
import * as openid from "openid-client";
import { cell, given, hold, refused } from "./telling.js";

const { person, factor, guessed, password } = given;
const options: openid.DiscoveryRequestOptions = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };

const discovered = (issuer: string) => openid.discovery(new URL(issuer), "app", undefined, openid.None(), options);
const logIn = (config: openid.Configuration, username: string, word: string) =>
  openid.genericGrantRequest(config, "password", { username, password: word });
const renew = (config: openid.Configuration, token = "") => openid.refreshTokenGrant(config, token);

async function introspect(token: string, secret = given.client_secret) {
  const answers = [];
  // A secret by itself is sent in the form.
  for (const way of [undefined, openid.ClientSecretBasic(secret)]) {
    const us = await openid.discovery(new URL(given.issuer), given.client_id, secret, way, options);
    answers.push(await openid.tokenIntrospection(us, token));
  }
  return answers;
}

async function error(work: () => Promise<unknown>, status: number, code: string): Promise<openid.ResponseBodyError> {
  const found = await refused(work);
  if (!(found instanceof openid.ResponseBodyError)) throw found;
  hold(found.status === status && found.error === code, `${found.status} ${found.error}`);
  hold(!!found.error_description, "error_description");
  return found;
}

/** It has no error for what isn't 4xx, but hands over the answer. */
async function away(work: () => Promise<unknown>): Promise<string> {
  const found = await refused(work);
  if (!(found instanceof openid.ClientError)) throw found;
  const response = found.cause as Response;
  hold(response.status === 503 && Number(response.headers.get("retry-after")) > 0, `${response.status}`);
  const { error } = (await response.json()) as { error?: string };
  hold(error === "temporarily_unavailable", `error ${error}`);
  return "its error, with the answer: 503 temporarily_unavailable";
}

const config = await discovered(given.issuer);
const metadata = config.serverMetadata();
if (given.away) {
  await cell("503", async () => {
    await away(() => introspect(given.access_token));
    await away(() => renew(config, given.refresh_token));
    return away(() => logIn(config, person, password));
  });
  process.exit();
}

await cell("discovery", async () => {
  hold(metadata.issuer === given.issuer && !!metadata.token_endpoint && !!metadata.jwks_uri, "metadata");
  // Without `algorithm` it looks for OpenID's document.
  const plain = { execute: [openid.allowInsecureRequests] };
  const again = await openid.discovery(new URL(given.issuer), "app", undefined, openid.None(), plain);
  hold(again.serverMetadata().token_endpoint === metadata.token_endpoint, "OpenID's");
  return "RFC 8414, and OpenID's";
});
await cell("below a path", async () => {
  const below = await discovered(given.below);
  hold(below.serverMetadata().token_endpoint === `${given.below}/oauth/token`, "token_endpoint");
  await error(() => logIn(below, person, "wrong"), 400, "invalid_grant");
  return "RFC 8414, 3.1";
});
await cell("password", async () => {
  const found = await logIn(config, person, password);
  hold(found.token_type === "bearer" && (found.expiresIn() ?? 0) > 0 && !!found.refresh_token, "the answer");
  return "works";
});
await cell("refresh", async () => {
  const found = await renew(config, (await logIn(config, person, password)).refresh_token);
  hold(!!found.access_token && !!found.refresh_token, "the answer");
  return "works";
});
await cell("a wrong password", async () => {
  await error(() => logIn(config, person, "wrong"), 400, "invalid_grant");
  return "invalid_grant";
});
await cell("a second factor owed", async () => {
  const { cause } = await error(() => logIn(config, factor, password), 400, "invalid_grant");
  hold(cause.code === "second_factor_required" && String(cause.challenge).startsWith("lkc_"), "challenge");
  return "invalid_grant, with the challenge";
});
await cell("a spent token", async () => {
  const first = await logIn(config, person, password);
  const second = await renew(config, first.refresh_token);
  await renew(config, second.refresh_token);
  await error(() => renew(config, first.refresh_token), 400, "invalid_grant");
  await error(() => renew(config, second.refresh_token), 400, "invalid_grant"); // the session has ended
  return "invalid_grant";
});
await cell("revoke", async () => {
  for (const which of ["refresh_token", "access_token"] as const) {
    const found = await logIn(config, person, password);
    await openid.tokenRevocation(config, found[which] ?? "", { token_type_hint: which });
    await error(() => renew(config, found.refresh_token), 400, "invalid_grant");
    for (const { active } of await introspect(found.access_token)) hold(!active, "active");
  }
  await openid.tokenRevocation(config, "lkr_nobody's");
  return "works";
});
await cell("introspect", async () => {
  const found = await logIn(config, person, password);
  for (const answer of await introspect(found.access_token)) {
    const { active, sub, iss, username } = answer;
    hold(active && !!sub && iss === given.issuer && username === person, JSON.stringify(answer));
  }
  for (const token of [found.refresh_token ?? "", "nonsense", `${found.access_token.slice(0, -4)}AAAA`]) {
    for (const answer of await introspect(token)) hold(JSON.stringify(answer) === '{"active":false}', "inactive");
  }
  const wrong = await refused(() => introspect(found.access_token, "lks_wrong"));
  if (!(wrong instanceof openid.WWWAuthenticateChallengeError)) throw wrong;
  hold(wrong.status === 401 && wrong.cause[0]?.scheme === "basic", "the challenge");
  return "active, or not; 401 for a wrong client";
});
await cell("proves a key (RFC 9449)", async () => {
  const own = await openid.randomDPoPKeyPair("ES256");
  const proving = async (keys: openid.CryptoKeyPair) => ({ DPoP: openid.getDPoPHandle(config, keys) });
  const owner = await proving(own); // it asks again by itself where a nonce is wanted
  const thief = await proving(await openid.randomDPoPKeyPair("ES256"));
  const me = new URL(`${given.issuer}/api/users/me`);
  const call = (token: string, by?: openid.DPoPOptions) =>
    openid.fetchProtectedResource(config, token, me, "GET", undefined, undefined, by);
  const opened = await openid.genericGrantRequest(config, "password", { username: person, password }, owner);
  hold(opened.token_type === "dpop", opened.token_type);
  hold((await call(opened.access_token, owner)).status === 200, "a call");
  const token = opened.refresh_token ?? "";
  for (const by of [undefined, thief]) {
    await error(() => openid.refreshTokenGrant(config, token, undefined, by), 400, "invalid_dpop_proof");
    const found = await refused(() => call(opened.access_token, by));
    if (!(found instanceof openid.WWWAuthenticateChallengeError)) throw found;
    hold(found.status === 401 && found.cause[0]?.scheme === "dpop", "the challenge");
  }
  const next = await openid.refreshTokenGrant(config, token, undefined, owner);
  hold(next.token_type === "dpop" && (await call(next.access_token, owner)).status === 200, "the next token");
  return "works; a stolen pair is refused";
});
await cell("429", async () => {
  for (let guess = 1; ; guess++) {
    const found = await refused(() => logIn(config, guessed, "wrong"));
    if (!(found instanceof openid.ResponseBodyError)) throw found;
    if (found.status === 400 && guess < 10) continue;
    hold(found.status === 429 && found.error === "temporarily_unavailable", `${found.status} ${found.error}`);
    hold(Number(found.response.headers.get("retry-after")) > 0, "Retry-After");
    return "temporarily_unavailable, with Retry-After";
  }
});
await cell("at /api/auth", async () => {
  const server = { issuer: given.issuer, token_endpoint: `${given.issuer}/api/auth/login` };
  const older = new openid.Configuration(server, "app", undefined, openid.None());
  openid.allowInsecureRequests(older);
  hold(!!(await logIn(older, person, password)).access_token, "the answer");
  // It takes no error that isn't application/json, and ours is application/problem+json there.
  const found = await refused(() => logIn(older, person, "wrong"));
  if (!(found instanceof openid.ClientError)) throw found;
  hold((found.cause as Response).status === 400, found.message);
  return "password works; a wrong one is its error, without the word";
});
