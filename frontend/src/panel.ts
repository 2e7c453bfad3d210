/** The controls round a HeadViewer: views, legend, day slider, opacity, tables. Works without WebGL, less the picture. */

import { cssColour, forceColour, legendGradient } from "./colour";
import { button, make, svg } from "./elements";
import { HeadViewer, type ViewName } from "./head_viewer";
import { decodeCourse, type Course, type Payload } from "./payload";
import css from "./panel.css?inline";
import { forceTable, siteTable, type ForceTable } from "./tables";
import { band, clampIndex, curvePoints, hasTarget, median, nadirIndex, percent, playIndex, sideWord, watched } from "./timeline";

const PLAY_MS = 9000;
const VIEW_LABELS: ReadonlyArray<readonly [ViewName, string]> = [
  ["front", "Front"], ["three-quarter", "Three-quarter"], ["left", "Left side"], ["right", "Right side"],
];
const NO_WEBGL =
  "This browser offers no WebGL, so the head cannot be drawn in three dimensions. The tables and the printed pictures hold the same numbers.";

function installStyle(): void {
  if (document.getElementById("endplate-viewer-style")) return;
  document.head.append(make("style", { id: "endplate-viewer-style" }, css));
}

export class Panel {
  readonly viewer: HeadViewer | null;
  readonly course: Course;
  private readonly stage = make("div", { class: "ev-stage" });
  private readonly message = make("p", { class: "ev-message", role: "status", hidden: true });
  private readonly tip = make("div", { class: "ev-tip", hidden: true });
  private readonly day = make("output", { class: "ev-day" });
  private readonly live = make("div", { class: "ev-hidden", "aria-live": "polite" });
  private readonly slider = make("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": "Day after treatment" });
  private readonly cursor = svg("line", { y1: 0, y2: 44 });
  private readonly playButton: HTMLButtonElement;
  private readonly table: ForceTable;
  private readonly pins: HTMLElement[];
  private readonly sideLeft = make("div", { class: "ev-side ev-at-left" });
  private readonly sideRight = make("div", { class: "ev-side ev-at-right" });
  private readonly sideCentre = make("div", { class: "ev-side ev-at-centre" });
  private playing = 0;
  private talk = 0;
  private index = 0;

  constructor(readonly root: HTMLElement, readonly payload: Payload) {
    installStyle();
    this.course = decodeCourse(payload);
    this.playButton = button("Play", () => this.togglePlay(), { "aria-pressed": "false" });
    const events = { onMuscle: (m: number | null) => this.mark(m), onSite: (id: string | null) => this.markSite(id) };
    this.table = forceTable(payload, this.course, events);
    this.pins = payload.sites.map((site) => make("div", { class: "ev-pin", "aria-hidden": "true" }, String(site.number)));
    root.replaceChildren();
    root.classList.add("ev");
    if (payload.note) root.append(make("p", { class: "ev-note" }, payload.note));
    root.append(this.left(), this.right(siteTable(payload.sites, events)));
    if (payload.banner) root.append(make("p", { class: "ev-banner" }, payload.banner));
    this.viewer = this.start();
    this.setIndex(nadirIndex(this.course, payload.muscles));
  }

  private start(): HeadViewer | null {
    try {
      const viewer = new HeadViewer(this.stage, this.payload, {
        onHover: (muscle, at) => this.hover(muscle, at),
        onDraw: () => this.place(),
        onLost: (lost) => this.say(lost ? "The graphics memory was taken away; the picture returns when it is given back." : ""),
      });
      viewer.canvas.tabIndex = 0;
      viewer.canvas.setAttribute("role", "img");
      viewer.canvas.setAttribute(
        "aria-label",
        "Head with its muscles coloured by force and numbered injection sites. Arrow keys turn it, plus and minus zoom. The tables hold the same numbers.",
      );
      // A wheel over the head scrolls the page, as everywhere else, until the head has been clicked.
      this.stage.addEventListener("wheel", (event) => {
        if (document.activeElement !== viewer.canvas && !event.ctrlKey) event.stopPropagation();
      }, { capture: true, passive: true });
      return viewer;
    } catch (error) {
      console.info(`endplate viewer: ${String(error)}`);
      this.say(NO_WEBGL);
      this.root.querySelectorAll(".ev-views").forEach((views) => views.remove());
      return null;
    }
  }

  private left(): HTMLElement {
    const views = make("div", { class: "ev-views", role: "group", "aria-label": "View" });
    for (const [name, label] of VIEW_LABELS) views.append(button(label, () => this.viewer?.view(name), { "data-view": name }));
    views.append(button("+", () => this.viewer?.zoom(0.85), { "aria-label": "Zoom in" }));
    views.append(button("\u2212", () => this.viewer?.zoom(1 / 0.85), { "aria-label": "Zoom out" }));
    this.stage.append(this.message, this.sideLeft, this.sideCentre, this.sideRight, ...this.pins, this.tip);
    return make("div", {}, views, this.stage, this.time(), this.legendRow(), this.live);
  }

  private time(): HTMLElement {
    const { days } = this.course;
    this.slider.max = String(days.length - 1);
    this.slider.addEventListener("input", () => {
      this.stop();
      this.setIndex(Number(this.slider.value));
    });
    const weakest = button("Weakest day", () => {
      this.stop();
      this.setIndex(nadirIndex(this.course, this.payload.muscles));
    });
    const now = make("div", { class: "ev-now" }, this.day, this.playButton, weakest, button("Day 0", () => {
      this.stop();
      this.setIndex(0);
    }));
    const curves = svg("svg", { viewBox: "0 0 1000 44", preserveAspectRatio: "none", "aria-hidden": "true" });
    const targets = hasTarget(this.payload.muscles);
    for (const i of targets ? watched(this.payload.muscles) : []) {
      const row = this.course.force[i]!;
      const stroke = cssColour(forceColour(row.reduce((a, b) => Math.min(a, b), 1)));
      curves.append(svg("polyline", { points: curvePoints(row, 1000, 42), stroke }));
    }
    curves.append(this.cursor);
    const first = make("span", {}, `day ${days[0]}`);
    const last = make("span", {}, `day ${days[days.length - 1]}`);
    const middle = make("span", {}, targets ? "force of the targets as planned, full on top" : "no target on the head");
    const scale = make("div", { class: "ev-scale", "aria-hidden": "true" }, first, middle, last);
    return make("div", { class: "ev-time" }, now, make("div", { class: targets ? "ev-track" : "ev-track ev-bare" }, ...(targets ? [curves] : []), this.slider), scale);
  }

  private legendRow(): HTMLElement {
    const bar = make("div", { class: "ev-bar" });
    bar.style.background = legendGradient();
    const ticks = make("div", { class: "ev-ticks" }, ...["0\u202f% blocked", "25", "50", "75", "100\u202f% full force"].map((t) => make("span", {}, t)));
    const legend = make("div", { class: "ev-legend" }, "Colour: force of the muscle as planned", bar, ticks);
    const opacity = make("input", { type: "range", min: 0, max: 100, step: 5, value: 20 });
    opacity.addEventListener("input", () => this.viewer?.setSkinOpacity(Number(opacity.value) / 100));
    const peel = make("input", { type: "checkbox" });
    peel.addEventListener("change", () => this.viewer?.setPeeled(peel.checked));
    const controls = [make("label", {}, "Skin", opacity), make("label", {}, peel, "deep muscles only")];
    return make("div", { class: "ev-row" }, legend, ...controls);
  }

  private right(sites: HTMLElement): HTMLElement {
    const parts = [make("h3", {}, "Force on this day"), this.table.element];
    if (this.payload.sites.length > 0) parts.push(make("h3", {}, "Injection sites"), sites);
    return make("div", { class: "ev-data" }, ...parts);
  }

  setDay(day: number): void {
    const { days } = this.course;
    this.setIndex(days.reduce((best, d, i) => (Math.abs(d - day) < Math.abs(days[best]! - day) ? i : best), 0));
  }

  setIndex(index: number): void {
    this.index = clampIndex(index, this.course.days.length);
    const text = `Day ${this.course.days[this.index]}`;
    this.day.value = text;
    this.slider.value = String(this.index);
    this.slider.setAttribute("aria-valuetext", text);
    const x = (this.index / Math.max(1, this.course.days.length - 1)) * 1000;
    this.cursor.setAttribute("x1", String(x));
    this.cursor.setAttribute("x2", String(x));
    this.table.update(this.index);
    this.viewer?.setIndex(this.index);
    this.announce(text);
  }

  /** Tell a screen reader, once the slider rests. */
  private announce(text: string): void {
    window.clearTimeout(this.talk);
    this.talk = window.setTimeout(() => {
      const rows = watched(this.payload.muscles);
      const weakest = rows.reduce((a, b) => (this.course.force[b]![this.index]! < this.course.force[a]![this.index]! ? b : a), rows[0] ?? 0);
      const entry = this.payload.muscles[weakest];
      if (entry) this.live.textContent = `${text}: weakest ${entry.label} ${sideWord[entry.side]}, ${percent(this.course.force[weakest]![this.index]!)}`;
    }, 600);
  }

  togglePlay(): void {
    if (this.playing) {
      this.stop();
      return;
    }
    const last = this.course.days.length - 1;
    const from = this.index >= last ? 0 : this.index;
    const left = PLAY_MS * (1 - from / last);
    let began = 0;
    const tick = (now: number) => {
      began ||= now;
      const index = left > 0 ? playIndex(from, now - began, PLAY_MS, last + 1) : last;
      if (index !== this.index) this.setIndex(index);
      if (index >= last) this.stop();
      else this.playing = requestAnimationFrame(tick);
    };
    this.playButton.textContent = "Pause";
    this.playButton.setAttribute("aria-pressed", "true");
    this.playing = requestAnimationFrame(tick);
  }

  stop(): void {
    if (this.playing) cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.playButton.textContent = "Play";
    this.playButton.setAttribute("aria-pressed", "false");
  }

  private say(text: string): void {
    this.message.textContent = text;
    this.message.hidden = text === "";
  }

  private mark(muscle: number | null): void {
    this.viewer?.highlight(muscle);
    this.table.mark(muscle);
  }

  private markSite(id: string | null): void {
    this.payload.sites.forEach((site, i) => this.pins[i]!.classList.toggle("ev-on", site.id === id));
  }

  private hover(muscle: number | null, at: { x: number; y: number }): void {
    this.mark(muscle);
    this.tip.hidden = muscle === null;
    if (muscle === null) return;
    const entry = this.payload.muscles[muscle]!;
    const range = band(this.course, muscle, this.index);
    const side = entry.side === "midline" ? "midline" : `${entry.side} (subject's ${entry.side})`;
    this.tip.replaceChildren(
      make("b", {}, entry.label), make("small", {}, side),
      `Day ${this.course.days[this.index]}: ${percent(this.course.force[muscle]![this.index]!)} of full force as planned`,
      make("small", {}, `${range ? `median ${median(this.course, muscle, this.index)}, 90\u202f% band ${range}; ` : ""}geometry grade ${entry.grade}`),
    );
    const width = this.stage.clientWidth;
    const right = at.x > width * 0.6;
    this.tip.style.transform = `translate(${at.x + (right ? -14 : 14)}px, ${at.y + 14}px)${right ? " translateX(-100%)" : ""}`;
  }

  /** Labels that follow the head: site numbers, and which side is which. */
  private place(): void {
    const viewer = this.viewer;
    if (!viewer) return; // the first drawing happens while the viewer is being made
    viewer.markers.forEach((marker, i) => {
      const pin = this.pins[i]!;
      const { x, y } = viewer.project(marker.site.xyz);
      pin.style.visibility = viewer.faces(marker) ? "visible" : "hidden";
      pin.style.transform = `translate(${x + 6}px, ${y - 18}px)`;
    });
    const { screenRight, toCamera } = viewer.facing();
    const bold = (letter: string) => make("b", {}, letter);
    this.sideLeft.replaceChildren();
    this.sideRight.replaceChildren();
    this.sideCentre.replaceChildren();
    if (Math.abs(screenRight) > 0.4) {
      const [onLeft, onRight] = screenRight > 0 ? ["right", "left"] : ["left", "right"];
      this.sideLeft.append(bold(onLeft![0]!.toUpperCase()), ` subject's ${onLeft}`);
      this.sideRight.append(`subject's ${onRight} `, bold(onRight![0]!.toUpperCase()));
    } else {
      const seen = toCamera.x > 0 ? "left" : "right";
      this.sideCentre.append(bold(seen[0]!.toUpperCase()), ` subject's ${seen} side`);
    }
  }

  dispose(): void {
    this.stop();
    window.clearTimeout(this.talk);
    this.viewer?.dispose();
    this.root.replaceChildren();
  }
}
