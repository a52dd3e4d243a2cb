// Everybody's notes, each their own. Whose they are, the access token says: it is verified here, without asking anybody.
import { createVerifier, refusal } from "@latchkey/client/server";

const ISSUER = process.env.LATCHKEY_URL ?? "http://localhost:8000"; // its PUBLIC_URL
const verifier = createVerifier({ issuer: ISSUER });
const notes = new Map<string, string[]>(); // a database, in an application of yours

export const GET = (request: Request) => answer(request, async (user) => notes.get(user) ?? []);

export const POST = (request: Request) =>
  answer(request, async (user) => {
    const all = [...(notes.get(user) ?? []), (await request.text()).slice(0, 1000)];
    notes.set(user, all);
    return all;
  });

async function answer(request: Request, of: (user: string) => Promise<string[]>): Promise<Response> {
  try {
    const { sub: user } = await verifier.authenticate(request);
    return Response.json(await of(user), { headers: { "Cache-Control": "no-store" } });
  } catch (error) {
    const { body, ...how } = refusal(error); // 401, or 503 while keys can't be had; throws everything else
    return new Response(body, how);
  }
}
