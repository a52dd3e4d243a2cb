// hey-api's @hey-api/openapi-ts: one function for each call.
import { client } from "./client/client.gen";
import { login, myEvents, readMe, refresh, register } from "./client/sdk.gen";
import { base, hold, person } from "./person.js";

client.setConfig({ baseUrl: base });
const registered = await register({ body: person });
hold(registered.response?.status === 200, "register");
const { data: tokens } = await login({ body: { username: person.email, password: person.password } });
if (!tokens || !("refresh_token" in tokens)) throw new Error("login");
client.setConfig({ auth: tokens.access_token });
const { data: me } = await readMe();
hold(me?.email === person.email, "readMe");
const { data: next } = await refresh({ body: { refresh_token: tokens.refresh_token } });
hold(next?.token_type === "bearer", "refresh");
const { data: events } = await myEvents({ query: { limit: 2 } });
hold(events?.[0]?.type === "login.succeeded", "myEvents");
const { error: problem } = await login({ body: { email: person.email, password: "wrong" } });
hold(problem?.code === "invalid_grant" && problem.error === "invalid_grant", "a wrong password");
