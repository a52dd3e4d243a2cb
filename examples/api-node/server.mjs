// Everybody's notes, each their own: an API beside Latchkey, in plain Node. Whose they are, the access token says.
import { createServer } from "node:http";
import { createVerifier, refusal } from "@latchkey/client/server";

const ISSUER = process.env.LATCHKEY_URL ?? "http://localhost:8000"; // its PUBLIC_URL
const LATCHKEY = process.env.LATCHKEY_INTERNAL_URL ?? ISSUER; // if it has another address from here
const FRONTEND = process.env.FRONTEND_ORIGIN ?? "http://localhost:5173";
const MOST = 10_000; // bytes of a body

const verifier = createVerifier({
  issuer: ISSUER,
  audience: process.env.AUDIENCE ?? "latchkey",
  keysUrl: `${LATCHKEY}/.well-known/jwks.json`,
});
const notes = new Map(); // texts, by user

const server = createServer((request, response) => {
  const send = (status, headers = {}, body = "") =>
    response.writeHead(status, { "Access-Control-Allow-Origin": FRONTEND, Vary: "Origin", ...headers }).end(body);
  answer(request, send).catch((error) => {
    if (error instanceof Refused) return send(error.status);
    try {
      const { status, headers, body } = refusal(error); // 401, or 503 while keys can't be had; throws everything else
      send(status, headers, body);
    } catch (mistake) {
      console.error(mistake);
      send(500);
    }
  });
});

async function answer(request, send) {
  if (request.method === "OPTIONS") {
    const methods = "GET, POST, DELETE";
    return send(204, {
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": "Authorization, Content-Type",
    });
  }
  const { sub: user } = await verifier.authenticate(request);
  const json = (status, value) => send(status, { "Content-Type": "application/json" }, JSON.stringify(value));
  switch (`${request.method} ${request.url}`) {
    case "GET /notes":
      return json(200, notes.get(user) ?? []);
    case "POST /notes": {
      const text = await read(request);
      notes.set(user, [...(notes.get(user) ?? []), text]);
      return json(201, text);
    }
    case "DELETE /notes":
      // A token may outlive its session by a quarter of an hour. What can't be undone isn't done on its word alone.
      await insistOnSession(request.headers.authorization);
      notes.delete(user);
      return send(204);
    default:
      throw new Refused(404);
  }
}

/** Ask Latchkey whether the token's session lives now. Rejects with 401 where it doesn't, 503 where it can't be known. */
async function insistOnSession(authorization) {
  const asked = { headers: { Authorization: authorization }, signal: AbortSignal.timeout(5_000) };
  const { status } = await fetch(`${LATCHKEY}/api/users/me`, asked).catch(() => ({ status: 503 }));
  if (status !== 200) throw new Refused(status === 401 ? 401 : 503);
}

async function read(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
    if (text.length > MOST) throw new Refused(413);
  }
  return text;
}

class Refused extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

server.listen(Number(process.env.PORT ?? 8001), "127.0.0.1");
