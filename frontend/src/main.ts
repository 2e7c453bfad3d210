/**
 * Entry of the bundle. A page carries `<div data-endplate-viewer="ID">` and `<script type="application/json" id="ID">`;
 * every such place becomes a panel once the page is read. Other hosts use the exported classes.
 */

import { HeadViewer } from "./head_viewer";
import { Panel } from "./panel";
import type { Payload } from "./payload";

export { HeadViewer, Panel };

/** Make a panel in `root`; it is also kept on the element as `endplatePanel` (tests read it there). */
export function mount(root: HTMLElement, payload: Payload): Panel {
  const panel = new Panel(root, payload);
  (root as HTMLElement & { endplatePanel?: Panel }).endplatePanel = panel;
  return panel;
}

export function mountAll(): void {
  for (const root of document.querySelectorAll<HTMLElement>("[data-endplate-viewer]")) {
    const source = document.getElementById(root.dataset.endplateViewer ?? "");
    if (!source?.textContent) continue;
    mount(root, JSON.parse(source.textContent) as Payload);
  }
}

if (typeof document !== "undefined") {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
  else mountAll();
}
