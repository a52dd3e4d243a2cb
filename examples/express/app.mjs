// Everybody's notes, each their own: an API beside Latchkey. Whose they are, the access token says.
//
// LATCHKEY_WAY says how it is checked: keys, asking or following.
import express from "express";
import { ByAsking } from "./by-asking.mjs";
import { ByFollowing } from "./by-following.mjs";
import { ByKeys } from "./by-keys.mjs";
import { Refused } from "./callers.mjs";

const FRONTEND = process.env.FRONTEND_ORIGIN ?? "http://localhost:5173";
const WAYS = { keys: ByKeys, asking: ByAsking, following: ByFollowing };
const chosen = process.env.LATCHKEY_WAY ?? "keys";
if (!Object.hasOwn(WAYS, chosen)) throw new Error(`LATCHKEY_WAY is keys, asking or following, not ${chosen}`);

const way = new WAYS[chosen]();
const stopping = new AbortController();
way.start?.(stopping.signal);

const notes = new Map(); // texts, by user
const app = express().disable("x-powered-by");

app.use((request, response, next) => {
  response.set({ "Access-Control-Allow-Origin": FRONTEND, Vary: "Origin" });
  if (request.method !== "OPTIONS") return next();
  response.set({
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
  });
  response.sendStatus(204);
});

app.use("/notes", async (request, response, next) => {
  response.locals.user = (await way.callerOf(request)).sub;
  next();
});

app.get("/notes", (_, response) => response.json(notes.get(response.locals.user) ?? []));

app.post("/notes", express.json({ limit: "10kb", strict: false }), ({ body: text }, response) => {
  if (typeof text !== "string" || text.length > 1000) throw new Refused(422);
  const { user } = response.locals;
  notes.set(user, [...(notes.get(user) ?? []), text]);
  response.status(201).json(text);
});

app.delete("/notes", (_, response) => {
  notes.delete(response.locals.user);
  response.sendStatus(204);
});

// 401 has Latchkey's client refresh and call again. (Four parameters: that is how Express knows it.)
app.use((error, _request, response, _next) => {
  const status = error.status ?? 500;
  if (status === 500) console.error(error);
  if (status === 401) response.set("WWW-Authenticate", error.cause?.challenge ?? "Bearer");
  if (status === 503) response.set("Retry-After", "2");
  response.status(status).json({ status });
});

const server = app.listen(Number(process.env.PORT ?? 8003), "127.0.0.1");
process.once("SIGTERM", () => {
  stopping.abort();
  server.close(() => process.exit()); // whatever connection to Latchkey is still open
});
