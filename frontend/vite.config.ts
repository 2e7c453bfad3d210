import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The licence of three.js asks that its notice travels with every copy; the minifier would drop it. */
const licence = readFileSync(fileURLToPath(new URL("node_modules/three/LICENSE", import.meta.url)), "utf8").trim();
const NOTICE = `/*! endplate viewer, Apache-2.0. Holds three.js:\n${licence}\n*/`;

/** One classic script, no chunks, no hashes: the Python package inlines it into its report. */
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1200,
    lib: { entry: "src/main.ts", name: "endplate", formats: ["iife"], fileName: () => "viewer.js" },
    rolldownOptions: { output: { postBanner: NOTICE } },
  },
});
