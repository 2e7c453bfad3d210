/**
 * One sequential colour map for force: muscle red at full force to deep blue when blocked.
 * Lightness falls all the way, so the order survives colour blindness and grey printing.
 */

export type Rgb = [number, number, number];

const STOPS: ReadonlyArray<readonly [number, string]> = [
  [0.0, "#12245a"],
  [0.25, "#41408f"],
  [0.5, "#84478f"],
  [0.75, "#b85073"],
  [1.0, "#d4675a"],
];

export function hexToRgb(hex: string): Rgb {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}

const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

/** sRGB to OKLab, in which equal steps look equal. */
export function oklab([r, g, b]: Rgb): Rgb {
  const [x, y, z] = [toLinear(r), toLinear(g), toLinear(b)];
  const l = Math.cbrt(0.4122214708 * x + 0.5363325363 * y + 0.0514459929 * z);
  const m = Math.cbrt(0.2119034982 * x + 0.6806995451 * y + 0.1073969566 * z);
  const s = Math.cbrt(0.0883024619 * x + 0.2817188376 * y + 0.6299787005 * z);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear: Rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((c) => Math.min(1, Math.max(0, toGamma(c)))) as Rgb;
}

const SIZE = 256;

function build(): Rgb[] {
  const stops = STOPS.map(([at, hex]) => [at, oklab(hexToRgb(hex))] as const);
  return Array.from({ length: SIZE }, (_, i) => {
    const x = i / (SIZE - 1);
    const k = Math.min(stops.length - 2, stops.findLastIndex(([at]) => at <= x));
    const [x0, low] = stops[Math.max(0, k)]!;
    const [x1, high] = stops[Math.max(0, k) + 1]!;
    const t = (x - x0) / (x1 - x0);
    return fromOklab([0, 1, 2].map((j) => low[j]! + t * (high[j]! - low[j]!)) as Rgb);
  });
}

const TABLE = build();

/** Colour of a force (share of full force); what is no number is grey. */
export function forceColour(force: number): Rgb {
  if (!Number.isFinite(force)) return [0.6, 0.6, 0.6];
  const clipped = Math.min(1, Math.max(0, force));
  return TABLE[Math.round(clipped * (SIZE - 1))]!;
}

export function cssColour(rgb: Rgb): string {
  return `rgb(${rgb.map((c) => Math.round(c * 255)).join(" ")})`;
}

/** A CSS gradient from blocked (left) to full force (right). */
export function legendGradient(steps = 16): string {
  const parts = Array.from({ length: steps + 1 }, (_, i) => cssColour(forceColour(i / steps)));
  return `linear-gradient(to right, ${parts.join(", ")})`;
}
