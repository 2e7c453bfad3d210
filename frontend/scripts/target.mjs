// Where the bundle is built and where the Python package keeps its committed copy.
import { fileURLToPath } from "node:url";

export const built = fileURLToPath(new URL("../dist/viewer.js", import.meta.url));
export const committed = fileURLToPath(new URL("../../src/endplate/report/static/viewer.js", import.meta.url));
