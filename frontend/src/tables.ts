/** The table twin of the picture: every point and every force as text, in step with the slider. */

import { cssColour, forceColour } from "./colour";
import { make } from "./elements";
import type { Course, Payload, SiteEntry } from "./payload";
import { band, median, percent, tableOrder } from "./timeline";

const ROLE_WORD = { target: "target", at_risk: "at risk", other: "" } as const;
const SIDE_LETTER = { left: "L", right: "R", midline: "" } as const;

export interface TableEvents {
  onMuscle(index: number | null): void;
  onSite(id: string | null): void;
}

function hoverable(row: HTMLTableRowElement, on: () => void, off: () => void): void {
  row.tabIndex = 0;
  row.addEventListener("pointerenter", on);
  row.addEventListener("focus", on);
  row.addEventListener("pointerleave", off);
  row.addEventListener("blur", off);
}

function headRow(names: readonly (readonly [string, boolean])[]): HTMLTableSectionElement {
  const cells = names.map(([name, number]) => make("th", { scope: "col", class: number ? "ev-number" : undefined }, name));
  return make("thead", {}, make("tr", {}, ...cells));
}

export interface ForceTable {
  element: HTMLElement;
  update(index: number): void;
  mark(muscle: number | null): void;
}

export function forceTable(payload: Payload, course: Course, events: TableEvents): ForceTable {
  const body = make("tbody");
  const drawn = course.median !== null;
  const rows = tableOrder(course, payload.muscles).map((muscle) => {
    const entry = payload.muscles[muscle]!;
    const swatch = make("span", { class: "ev-swatch", "aria-hidden": "true" });
    const force = make("td", { class: "ev-number" });
    const middle = make("td", { class: "ev-number" });
    const range = make("td", { class: "ev-number" });
    const tag = ROLE_WORD[entry.role] ? make("span", { class: "ev-tag" }, ` ${ROLE_WORD[entry.role]}`) : "";
    const name = make("th", { scope: "row" }, swatch, entry.label, tag);
    const side = make("td", {}, make("abbr", { title: entry.side }, SIDE_LETTER[entry.side] || "mid"));
    const row = make("tr", { "data-role": entry.role }, name, side, force, ...(drawn ? [middle, range] : []));
    hoverable(row, () => events.onMuscle(muscle), () => events.onMuscle(null));
    body.append(row);
    return { muscle, row, swatch, force, middle, range };
  });
  const update = (index: number) => {
    for (const { muscle, swatch, force, middle, range } of rows) {
      const value = course.force[muscle]![index]!;
      swatch.style.background = cssColour(forceColour(value));
      force.textContent = percent(value);
      middle.textContent = median(course, muscle, index);
      range.textContent = band(course, muscle, index);
    }
  };
  const head = headRow([
    ["Muscle", false], ["Side", false], ["As planned", true],
    ...(drawn ? ([["Median", true], ["90\u202f% band", true]] as const) : []),
  ]);
  const caption = make("caption", { class: "ev-hidden" }, "Force of each muscle on the chosen day, as a share of full force: as planned, and median and band of the draws");
  const table = make("table", {}, caption, head, body);
  const element = make("div", { class: "ev-scroll", tabindex: 0, role: "region", "aria-label": "Forces on the chosen day" }, table);
  const mark = (muscle: number | null) => rows.forEach((r) => r.row.classList.toggle("ev-on", r.muscle === muscle));
  return { element, update, mark };
}

export function siteTable(sites: readonly SiteEntry[], events: TableEvents): HTMLElement {
  const body = make("tbody");
  for (const site of sites) {
    const row = make(
      "tr", {},
      make("td", { class: "ev-number" }, String(site.number)),
      make("th", { scope: "row" }, site.label),
      make("td", { class: "ev-number" }, `${site.units} U`),
      make("td", { class: "ev-number" }, `${site.volume_ml} mL`),
      make("td", { class: "ev-number" }, `${site.depth_mm.toFixed(1)} mm`),
    );
    hoverable(row, () => events.onSite(site.id), () => events.onSite(null));
    body.append(row);
  }
  const head = headRow([["No.", true], ["Site", false], ["Dose", true], ["Volume", true], ["Depth", true]]);
  const caption = make("caption", { class: "ev-hidden" }, "Injection sites");
  const table = make("table", {}, caption, head, body);
  return make("div", { class: "ev-scroll ev-few", tabindex: 0, role: "region", "aria-label": "Injection sites" }, table);
}
