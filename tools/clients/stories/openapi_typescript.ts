// openapi-typescript and openapi-fetch: types alone, over fetch.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";
import { base, hold, person } from "./person.js";

const client = createClient<paths>({ baseUrl: base });
const registered = await client.POST("/api/auth/register", { body: person });
hold(registered.response.status === 200, "register");
const { data: tokens } = await client.POST("/api/auth/login", {
  body: { username: person.email, password: person.password },
});
if (!tokens || !("refresh_token" in tokens)) throw new Error("login");
const headers = { Authorization: `Bearer ${tokens.access_token}` };
const { data: me } = await client.GET("/api/users/me", { headers });
hold(me?.email === person.email, "read_me");
const { data: next } = await client.POST("/api/auth/refresh", { body: { refresh_token: tokens.refresh_token } });
hold(next?.token_type === "bearer", "refresh");
const { data: events } = await client.GET("/api/users/me/events", { headers, params: { query: { limit: 2 } } });
const type: components["schemas"]["EventResponse"]["type"] | undefined = events?.[0]?.type;
hold(type === "login.succeeded", "my_events");
const { error: problem } = await client.POST("/api/auth/login", { body: { email: person.email, password: "wrong" } });
const code: components["schemas"]["Problem"]["code"] | undefined = problem?.code;
hold(code === "invalid_grant" && problem?.error === "invalid_grant", "a wrong password");
