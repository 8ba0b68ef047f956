import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

/** The build goes where the application serves it from, flat: a gateway's route has one path parameter. */
export default defineConfig({
  base: "./",
  plugins: [preact()],
  build: {
    outDir: "../chalicelib/console",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
});
