// Puts the built bundle where the Python package reads it. "</script" must not occur in an inlined script.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { built, committed } from "./target.mjs";

const text = readFileSync(built, "utf8");
if (/<\/script|<!--/i.test(text)) {
  console.error("viewer.js holds a sequence that would end an inline script; the report cannot carry it.");
  process.exit(1);
}
mkdirSync(dirname(committed), { recursive: true });
writeFileSync(committed, text);
console.log(`viewer.js: ${(text.length / 1000).toFixed(0)} kB`);
