// Fails when the committed bundle is not what the sources build (run after `vite build`).
import { readFileSync } from "node:fs";
import { built, committed } from "./target.mjs";

if (!readFileSync(built).equals(readFileSync(committed))) {
  console.error("The committed viewer.js is not what the sources build. Run `npm run build` and commit it.");
  process.exit(2);
}
console.log("viewer.js: the committed bundle is what the sources build.");
