// openapi-generator's typescript-fetch: a class for each tag.
import { AuthApi, Configuration, ProblemCodeEnum, ProblemFromJSON, ResponseError, UsersApi } from "./client";
import { base, hold, person } from "./person.js";

const auth = new AuthApi(new Configuration({ basePath: base }));
await auth.register({ registerRequest: person });
const tokens = await auth.login({ loginRequest: { username: person.email, password: person.password } });
const users = new UsersApi(new Configuration({ basePath: base, accessToken: tokens.accessToken }));
hold((await users.readMe()).email === person.email, "readMe");
const next = await auth.refresh({ refreshRequest: { refreshToken: tokens.refreshToken } });
hold(next?.tokenType === "bearer", "refresh"); // 204 is for pages that ask whether anybody is logged in
hold((await users.myEvents({ limit: 2 }))[0]?.type === "login.succeeded", "myEvents");
try {
  await auth.login({ loginRequest: { email: person.email, password: "wrong" } });
  throw new Error("a wrong password is none");
} catch (error) {
  if (!(error instanceof ResponseError)) throw error;
  const problem = ProblemFromJSON(await error.response.json());
  hold(problem.code === ProblemCodeEnum.InvalidGrant && problem.error === "invalid_grant", "a wrong password");
}
