import type { NextConfig } from "next";

const LATCHKEY = process.env.LATCHKEY_URL ?? "http://localhost:8000";

export default {
  // The service is reached by the page's own address, as it is behind one proxy in production.
  rewrites: async () => [{ source: "/api/:path*", destination: `${LATCHKEY}/api/:path*` }],
} satisfies NextConfig;
