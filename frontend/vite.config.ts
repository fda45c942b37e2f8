import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["RHAPSODE_URL"] ?? "http://127.0.0.1:9876";
const FRAMEWORK = /node_modules\/(react|react-dom|scheduler|react-router|@tanstack)\//;

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    // The browser's own Host is passed on, as if this were the server's address: it then agrees with the Origin of
    // this page and of no other, and a site that points its name at this machine is still refused.
    proxy: {
      "/api": { target: server, changeOrigin: false },
      "/ws": { target: server.replace("http", "ws"), changeOrigin: false, ws: true },
    },
  },
  build: {
    target: "es2023",
    sourcemap: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Loaded beside the page's own code, and kept by the browser when only that has changed.
      output: { codeSplitting: { groups: [{ name: "framework", test: FRAMEWORK }] } },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
