import { defineConfig } from "vite";

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
  },
});
