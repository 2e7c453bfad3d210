/** Meshes of the head: skin (a veil), muscles (bodies with fibres), eyes, site markers. */

import {
  BackSide, BufferAttribute, BufferGeometry, CanvasTexture, Color, CylinderGeometry, DataTexture, DoubleSide,
  FrontSide, GreaterDepth, Group, LinearFilter, LinearMipmapLinearFilter, LinearSRGBColorSpace, type Material, Mesh, MeshBasicMaterial, MeshLambertMaterial,
  Quaternion, RepeatWrapping, RGBAFormat, SphereGeometry, SRGBColorSpace, Vector2, Vector3,
} from "three";
import { forceColour } from "./colour";
import { decode, type Eye, type MuscleEntry, type SiteEntry, type Surface } from "./payload";

/** Colour of the inside of the head; far muscles fade into it, so that both halves are not seen at once. */
export const INSIDE = "#efe4da";
const SKIN = "#e9c8b2";
const MARKER = "#0b0b0b";

function geometryOf(surface: Surface): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(decode(surface.vertices), 3));
  geometry.setIndex(new BufferAttribute(Uint32Array.from(decode(surface.triangles)), 1));
  geometry.computeVertexNormals();
  geometry.computeBoundingSphere();
  return geometry;
}

export interface SkinParts {
  group: Group;
  geometry: BufferGeometry;
  setOpacity(opacity: number): void;
  /** The skin fades out towards this height (mm) over this length: a neck without a cut edge. */
  setFade(from: number, over: number): void;
}

/** Alpha falls to nothing below a height of the head frame; `alpha` may say more about it. */
function fadeBelow(material: Material, fade: { value: Vector2 }, edge: { value: number }, alpha: string): void {
  material.onBeforeCompile = (shader) => {
    shader.uniforms.fade = fade;
    shader.uniforms.edgeGain = edge;
    shader.vertexShader = `varying float heightMm;\n${shader.vertexShader}`.replace(
      "#include <begin_vertex>",
      "#include <begin_vertex>\nheightMm = position.y;",
    );
    shader.fragmentShader = `uniform vec2 fade;\nuniform float edgeGain;\nvarying float heightMm;\n${shader.fragmentShader}`.replace(
      "#include <opaque_fragment>",
      `${alpha}
       diffuseColor.a *= smoothstep(fade.x, fade.x + fade.y, heightMm);
       #include <opaque_fragment>`,
    );
  };
}

/** Denser where the surface turns away from the eye: a veil shows its folds. */
const RIM_ALPHA = `float away = 1.0 - abs(dot(normalize(normal), normalize(vViewPosition)));
       diffuseColor.a = clamp(opacity + edgeGain * away * away * away, 0.0, 1.0);`;

/**
 * Skin in three passes: its inside as a plain backdrop, its nearest front as depth only, then that front
 * translucent (so that nose and ear do not show twice).
 */
export function buildSkin(surface: Surface): SkinParts {
  const geometry = geometryOf(surface);
  const fade = { value: new Vector2(-1e4, 1) };
  const edge = { value: 0.3 };
  const backdrop = new MeshBasicMaterial({ color: INSIDE, side: BackSide, fog: false, depthWrite: false, transparent: true });
  fadeBelow(backdrop, fade, edge, "");
  const inside = new Mesh(geometry, backdrop);
  const depth = new Mesh(geometry, new MeshBasicMaterial({ colorWrite: false, side: FrontSide, transparent: true }));
  const material = new MeshLambertMaterial({ color: SKIN, transparent: true, opacity: 0.3, fog: false, depthWrite: false });
  fadeBelow(material, fade, edge, RIM_ALPHA);
  const front = new Mesh(geometry, material);
  const group = new Group();
  [inside, depth, front].forEach((mesh, i) => {
    mesh.renderOrder = [0, 20, 21][i]!;
    group.add(mesh);
  });
  const setOpacity = (opacity: number) => {
    material.opacity = opacity;
    edge.value = 0.55 * (1 - opacity) * Math.min(1, opacity * 6);
    front.visible = opacity > 0;
    depth.visible = opacity > 0;
  };
  return { group, geometry, setOpacity, setFade: (from, over) => fade.value.set(from, over) };
}

/** Brightness across the fibres: a repeating strip of fixed pseudo-random strands. */
function fibreTexture(): DataTexture {
  const size = 64;
  const bytes = new Uint8Array(size * 4);
  let seed = 7;
  for (let i = 0; i < size; i += 1) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const tone = 214 + Math.round(41 * (seed / 2147483648));
    bytes.set([tone, tone, tone, 255], i * 4);
  }
  const texture = new DataTexture(bytes, size, 1, RGBAFormat);
  texture.wrapS = RepeatWrapping;
  texture.magFilter = LinearFilter;
  texture.minFilter = LinearMipmapLinearFilter;
  texture.generateMipmaps = true;
  texture.colorSpace = LinearSRGBColorSpace;
  texture.needsUpdate = true;
  return texture;
}

const STRIP_MM = 16;

export type MuscleMesh = Mesh<BufferGeometry, MeshLambertMaterial>;

/** Bodies darken where they turn away: neighbours of one colour stay apart. */
function roundedShade(material: MeshLambertMaterial): void {
  material.onBeforeCompile = (shader) => {
    shader.fragmentShader = shader.fragmentShader.replace(
      "#include <opaque_fragment>",
      `outgoingLight *= mix(0.62, 1.0, smoothstep(0.0, 0.6, abs(dot(normalize(normal), normalize(vViewPosition)))));
       #include <opaque_fragment>`,
    );
  };
}

/** How much of a weakened muscle shines through what lies over it, at most. */
const GHOST = 0.72;

/**
 * A second look at a target or at-risk muscle: only where something else hides it, the stronger the weaker it is.
 * The corrugator lies under the frontalis; without this its block would never be seen. `limit` is the distance from
 * the eye beyond which nothing shines through (the far half of the head).
 */
export function buildGhost(mesh: MuscleMesh, limit: { value: number }): MuscleMesh {
  const material = new MeshLambertMaterial({
    side: FrontSide, transparent: true, depthFunc: GreaterDepth, depthWrite: false, fog: false, map: mesh.material.map,
  });
  material.onBeforeCompile = (shader) => {
    shader.uniforms.limit = limit;
    shader.fragmentShader = `uniform float limit;\n${shader.fragmentShader}`.replace(
      "#include <opaque_fragment>",
      "if (vViewPosition.z > limit) discard;\n#include <opaque_fragment>",
    );
  };
  const ghost = new Mesh(mesh.geometry, material);
  ghost.renderOrder = 15;
  return ghost;
}

export function paintGhost(ghost: MuscleMesh, force: number): void {
  paint(ghost, force);
  ghost.material.opacity = GHOST * Math.sqrt(Math.min(1, Math.max(0, 1 - force)));
  ghost.visible = force < 0.995;
}

export function buildMuscles(entries: readonly MuscleEntry[]): MuscleMesh[] {
  const fibres = fibreTexture();
  return entries.map((entry, index) => {
    const geometry = geometryOf(entry);
    const strand = entry.strand ? decode(entry.strand) : null;
    if (strand) {
      const uv = new Float32Array(strand.length * 2);
      strand.forEach((mm, i) => uv.set([mm / STRIP_MM, 0.5], i * 2));
      geometry.setAttribute("uv", new BufferAttribute(uv, 2));
    }
    const material = new MeshLambertMaterial({ side: DoubleSide, map: strand ? fibres : null });
    roundedShade(material);
    const mesh = new Mesh(geometry, material);
    mesh.renderOrder = 10;
    mesh.userData = { index };
    return mesh;
  });
}

export function paint(mesh: MuscleMesh, force: number): void {
  const [r, g, b] = forceColour(force);
  mesh.material.color.setRGB(r, g, b, SRGBColorSpace);
}

/** A small texture of an eye: white, limbus, iris, pupil, seen along the axis. */
function eyeTexture(): CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = 16;
  canvas.height = 128;
  const pen = canvas.getContext("2d");
  if (pen) {
    const rings: ReadonlyArray<readonly [number, string]> = [
      [1, "#f4f1ec"], [0.165, "#5b6b70"], [0.15, "#8a9a98"], [0.06, "#1b1b1b"],
    ];
    for (const [upTo, colour] of rings) {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 16, 128 * upTo);
    }
  }
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}

export function buildEyes(eyes: readonly Eye[]): Group {
  const group = new Group();
  const texture = eyes.length > 0 ? eyeTexture() : null;
  for (const eye of eyes) {
    const ball = new Mesh(new SphereGeometry(eye.radius, 32, 32), new MeshLambertMaterial({ map: texture, fog: false }));
    ball.rotation.x = Math.PI / 2; // the pole of the sphere (top of the texture) looks forward
    ball.position.set(...eye.centre);
    ball.renderOrder = 5;
    group.add(ball);
  }
  return group;
}

export interface Marker {
  site: SiteEntry;
  group: Group;
  /** Unit vector from the tip to the skin point: where the marker faces. */
  outward: Vector3;
}

/** A pin: a bead on the skin and a thin shaft to the needle tip. */
export function buildMarkers(sites: readonly SiteEntry[]): Marker[] {
  const bead = new SphereGeometry(0.9, 16, 12);
  const ring = new SphereGeometry(1.25, 16, 12);
  const dark = new MeshBasicMaterial({ color: MARKER, fog: false });
  const light = new MeshBasicMaterial({ color: "#ffffff", side: BackSide, fog: false });
  return sites.map((site) => {
    const skin = new Vector3(...site.xyz);
    const tip = new Vector3(...site.tip);
    const shaft = skin.clone().sub(tip);
    const length = shaft.length();
    const outward = length > 1e-6 ? shaft.clone().divideScalar(length) : skin.clone().normalize();
    const head = skin.clone().addScaledVector(outward, 0.5);
    const group = new Group();
    for (const [geometry, material] of [[ring, light], [bead, dark]] as const) {
      const mesh = new Mesh(geometry, material);
      mesh.position.copy(head);
      mesh.renderOrder = 30;
      group.add(mesh);
    }
    if (length > 0.5) {
      const pin = new Mesh(new CylinderGeometry(0.25, 0.25, length, 8), dark);
      pin.position.copy(tip).lerp(skin, 0.5);
      pin.quaternion.copy(new Quaternion().setFromUnitVectors(new Vector3(0, 1, 0), outward));
      pin.renderOrder = 12;
      group.add(pin);
    }
    return { site, group, outward };
  });
}

export function insideColour(): Color {
  return new Color(INSIDE);
}
