import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The service is reached by the page's own address, as it is behind one proxy in production.
export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": process.env.LATCHKEY_URL ?? "http://localhost:8000" } },
});
