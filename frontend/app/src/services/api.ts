/** The client of the service: one session for all tabs, its refresh token in a cookie that no script can read. */
import { LatchkeyClient } from "@latchkey/client";

const api = new LatchkeyClient();

export default api;
