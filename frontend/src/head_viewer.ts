/**
 * HeadViewer: a head, its muscles and its injection sites on one canvas. No framework, no network, no loop:
 * it draws when something changed. The controls around it live in panel.ts; other hosts may bring their own.
 */

import {
  AmbientLight, DirectionalLight, Fog, HemisphereLight, PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { decodeCourse, type Course, type Payload } from "./payload";
import {
  buildEyes, buildGhost, buildMarkers, buildMuscles, buildSkin, insideColour, paint, paintGhost, type Marker, type MuscleMesh, type SkinParts,
} from "./surfaces";
import { clampIndex, indexOfDay } from "./timeline";

export type ViewName = "front" | "left" | "right" | "three-quarter";

/** Direction from the head to the camera; x is the subject's left. */
export const VIEWS: Record<ViewName, [number, number, number]> = {
  front: [0, 0.02, 1],
  left: [1, 0.02, 0.06],
  right: [-1, 0.02, 0.06],
  "three-quarter": [0.62, 0.1, 0.8],
};

export interface ViewerEvents {
  /** The pointer is over a muscle (or null: over none), in canvas pixels. */
  onHover?(muscle: number | null, at: { x: number; y: number }): void;
  /** After each drawing: where labels should stand. */
  onDraw?(): void;
  onLost?(lost: boolean): void;
}

export class NoWebGL extends Error {}

const MAX_PIXEL_RATIO = 2;
const PULL_MM = 30;

export class HeadViewer {
  readonly course: Course;
  readonly canvas: HTMLCanvasElement;
  readonly markers: Marker[];
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(24, 1, 10, 3000);
  private readonly controls: OrbitControls;
  private readonly skin: SkinParts;
  private readonly muscles: MuscleMesh[];
  private readonly ghosts = new Map<number, MuscleMesh>();
  private readonly ghostLimit = { value: 1e6 };
  private readonly fog = new Fog(insideColour(), 1, 2);
  private readonly centre = new Vector3();
  private radius = 150;
  private dayIndex = 0;
  private opacity = 0.2;
  private highlighted: number | null = null;
  private queued = 0;
  private readonly watcher: ResizeObserver;

  constructor(readonly host: HTMLElement, readonly payload: Payload, private readonly events: ViewerEvents = {}) {
    this.course = decodeCourse(payload);
    this.canvas = document.createElement("canvas");
    try {
      this.renderer = new WebGLRenderer({ canvas: this.canvas, antialias: true, alpha: true, powerPreference: "low-power" });
    } catch (error) {
      throw new NoWebGL(String(error));
    }
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO));
    this.skin = buildSkin(payload.skin);
    this.muscles = buildMuscles(payload.muscles);
    this.markers = buildMarkers(payload.sites);
    this.assemble();
    this.canvas.style.touchAction = "pan-y";
    host.prepend(this.canvas);
    this.controls = new OrbitControls(this.camera, this.canvas);
    this.controls.enableDamping = false;
    this.controls.enablePan = false;
    this.controls.target.copy(this.centre);
    this.controls.minDistance = this.radius * 0.8;
    this.controls.maxDistance = this.radius * 9;
    this.controls.addEventListener("change", () => this.invalidate());
    this.canvas.style.touchAction = "pan-y"; // a thumb can still scroll the page past the head
    this.listen();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(host);
    this.resize();
    this.view("three-quarter");
    this.setSkinOpacity(this.opacity);
    this.setDay(this.course.days[0] ?? 0);
  }

  private assemble(): void {
    const sphere = this.skin.geometry.boundingSphere;
    if (this.payload.focus) {
      this.centre.fromArray(this.payload.focus.centre);
      this.radius = this.payload.focus.radius;
      this.skin.setFade(this.centre.y - 1.22 * this.radius, 0.3 * this.radius);
    } else if (sphere) {
      this.centre.copy(sphere.center);
      this.radius = sphere.radius;
    }
    this.scene.fog = this.fog;
    const key = new DirectionalLight("#ffffff", 1.9);
    key.position.set(-0.45, 0.8, 0.9);
    this.camera.add(key);
    this.scene.add(this.camera, new AmbientLight("#ffffff", 0.6), new HemisphereLight("#ffffff", "#d8c8bd", 1.2));
    this.scene.add(this.skin.group, buildEyes(this.payload.eyes ?? []), ...this.muscles);
    for (const marker of this.markers) this.scene.add(marker.group);
    this.payload.muscles.forEach((entry, i) => {
      if (entry.role === "other") return;
      const ghost = buildGhost(this.muscles[i]!, this.ghostLimit);
      this.ghosts.set(i, ghost);
      this.scene.add(ghost);
    });
  }

  private listen(): void {
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.events.onLost?.(true);
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.events.onLost?.(false);
      this.invalidate();
    });
    let pending: { x: number; y: number } | null = null;
    const report = () => {
      if (!pending) return;
      this.events.onHover?.(this.muscleAt(pending.x, pending.y), pending);
      pending = null;
    };
    const hear = (event: PointerEvent) => {
      if (event.type === "pointermove" && event.buttons !== 0) return; // turning, not pointing
      if (!pending) requestAnimationFrame(report);
      pending = { x: event.offsetX, y: event.offsetY };
    };
    this.canvas.addEventListener("pointermove", hear);
    this.canvas.addEventListener("pointerdown", hear);
    this.canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.events.onHover?.(null, { x: 0, y: 0 });
    });
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
  }

  private onKey(event: KeyboardEvent): void {
    const step = Math.PI / 18;
    const turns: Record<string, () => void> = {
      ArrowLeft: () => this.turn(-step, 0),
      ArrowRight: () => this.turn(step, 0),
      ArrowUp: () => this.turn(0, -step),
      ArrowDown: () => this.turn(0, step),
      "+": () => this.zoom(0.9),
      "=": () => this.zoom(0.9),
      "-": () => this.zoom(1 / 0.9),
    };
    const act = turns[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Turn the camera round the head, in radians. */
  turn(azimuth: number, polar: number): void {
    const offset = this.camera.position.clone().sub(this.centre);
    offset.applyAxisAngle(new Vector3(0, 1, 0), azimuth);
    const axis = new Vector3(0, 1, 0).cross(offset).normalize();
    const turned = offset.clone().applyAxisAngle(axis, polar);
    if (Math.abs(turned.y) < 0.98 * turned.length()) offset.copy(turned);
    this.camera.position.copy(this.centre).add(offset);
    this.controls.update();
    this.invalidate();
  }

  zoom(factor: number): void {
    const offset = this.camera.position.clone().sub(this.centre);
    const length = Math.min(this.controls.maxDistance, Math.max(this.controls.minDistance, offset.length() * factor));
    this.camera.position.copy(this.centre).add(offset.setLength(length));
    this.controls.update();
    this.invalidate();
  }

  /** Distance at which the whole head fits, whatever the shape of the canvas. */
  private fitDistance(): number {
    const half = (this.camera.fov * Math.PI) / 360;
    const narrow = Math.min(1, this.camera.aspect * 1.12);
    return (this.radius * 1.02) / Math.sin(Math.atan(Math.tan(half) * narrow));
  }

  view(name: ViewName): void {
    const direction = new Vector3(...VIEWS[name]).normalize();
    this.camera.position.copy(this.centre).addScaledVector(direction, this.fitDistance());
    this.camera.up.set(0, 1, 0);
    this.controls.target.copy(this.centre);
    this.controls.update();
    this.invalidate();
  }

  /** Horizontal share of the screen's right that points to the subject's left: +1 front view, -1 from behind. */
  facing(): { screenRight: number; toCamera: Vector3 } {
    this.camera.updateMatrixWorld();
    const right = new Vector3().setFromMatrixColumn(this.camera.matrixWorld, 0);
    const toCamera = this.camera.position.clone().sub(this.centre).normalize();
    return { screenRight: right.x, toCamera };
  }

  setDay(day: number): void {
    this.setIndex(indexOfDay(this.course.days, day));
  }

  setIndex(index: number): void {
    this.dayIndex = clampIndex(index, this.course.days.length);
    this.muscles.forEach((mesh, i) => paint(mesh, this.course.force[i]![this.dayIndex]!));
    this.ghosts.forEach((ghost, i) => paintGhost(ghost, this.course.force[i]![this.dayIndex]!));
    this.invalidate();
  }

  setSkinOpacity(opacity: number): void {
    this.opacity = Math.min(1, Math.max(0, opacity));
    this.skin.setOpacity(this.opacity);
    this.invalidate();
  }

  /** Hide the outer muscle layer to see what lies below it. */
  setPeeled(peeled: boolean): void {
    this.muscles.forEach((mesh, i) => {
      mesh.visible = !peeled || this.payload.muscles[i]!.layer !== 1;
    });
    this.invalidate();
  }

  highlight(muscle: number | null): void {
    if (muscle === this.highlighted) return;
    this.highlighted = muscle;
    this.muscles.forEach((mesh, i) => mesh.material.emissive.set(i === muscle ? "#5a4a30" : "#000000"));
    this.invalidate();
  }

  /** Index of the muscle under a canvas point (CSS pixels), or null. */
  muscleAt(x: number, y: number): number | null {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const caster = new Raycaster();
    caster.setFromCamera(new Vector2((x / width) * 2 - 1, 1 - (y / height) * 2), this.camera);
    const far = this.camera.position.distanceTo(this.centre) + PULL_MM; // never the far half of the head
    const hit = caster.intersectObjects(this.muscles.filter((m) => m.visible), false).find((h) => h.distance < far);
    return hit ? (hit.object.userData as { index: number }).index : null;
  }

  /** Canvas position (CSS pixels) of a point of the head frame (mm). */
  project(point: readonly [number, number, number]): { x: number; y: number } {
    const at = new Vector3(...point).project(this.camera);
    return { x: ((at.x + 1) / 2) * this.canvas.clientWidth, y: ((1 - at.y) / 2) * this.canvas.clientHeight };
  }

  /** Does the marker's side of the head look at the camera? */
  faces(marker: Marker): boolean {
    const sight = this.camera.position.clone().sub(new Vector3(...marker.site.xyz)).normalize();
    return marker.outward.dot(sight) > 0.05;
  }

  state(): { day: number; index: number; opacity: number; colours: string[]; camera: [number, number, number] } {
    return {
      day: this.course.days[this.dayIndex]!,
      index: this.dayIndex,
      opacity: this.opacity,
      colours: this.muscles.map((m) => `#${m.material.color.getHexString()}`),
      camera: this.camera.position.toArray(),
    };
  }

  private resize(): void {
    const width = Math.max(1, this.host.clientWidth);
    const height = Math.max(1, this.host.clientHeight);
    this.renderer.setSize(width, height, false);
    const before = this.fitDistance();
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    const offset = this.camera.position.clone().sub(this.centre);
    if (offset.length() > 1) this.camera.position.copy(this.centre).addScaledVector(offset, this.fitDistance() / before);
    this.draw();
  }

  invalidate(): void {
    if (!this.queued) this.queued = requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    if (this.queued) cancelAnimationFrame(this.queued);
    this.queued = 0;
    const distance = this.camera.position.distanceTo(this.centre);
    this.ghostLimit.value = distance + 0.05 * this.radius;
    this.fog.near = distance - 0.1 * this.radius;
    this.fog.far = distance + 0.35 * this.radius;
    this.camera.near = Math.max(1, distance - 2 * this.radius);
    this.camera.far = distance + 2 * this.radius;
    this.camera.updateProjectionMatrix();
    this.renderer.render(this.scene, this.camera);
    this.events.onDraw?.();
  }

  /** Draw and read the picture back (tests: a blank canvas must fail). RGBA, bottom row first. */
  pixels(): { width: number; height: number; data: Uint8Array } {
    this.draw();
    const gl = this.renderer.getContext();
    const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
    const data = new Uint8Array(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    return { width, height, data };
  }

  dispose(): void {
    this.watcher.disconnect();
    this.controls.dispose();
    if (this.queued) cancelAnimationFrame(this.queued);
    this.scene.traverse((object) => {
      const mesh = object as Partial<MuscleMesh>;
      mesh.geometry?.dispose();
      if (mesh.material && !Array.isArray(mesh.material)) mesh.material.dispose();
    });
    this.renderer.dispose();
    this.canvas.remove();
  }
}
