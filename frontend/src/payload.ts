/** What the Python side hands to the viewer, and how its packed arrays are read. */

export const PAYLOAD_SCHEMA = "endplate/viewer/1";

/** A flat array as base64 of little-endian numbers; value = stored * scale. */
export interface Packed {
  type: "u8" | "u16" | "u32" | "i16" | "f32";
  shape: number[];
  scale?: number;
  data: string;
}

export type Side = "left" | "right" | "midline";
export type Role = "target" | "at_risk" | "other";

export interface Surface {
  vertices: Packed | number[][];
  triangles: Packed | number[][];
}

export interface MuscleEntry extends Surface {
  id: string;
  side: Side;
  label: string;
  layer: number;
  grade: string;
  role: Role;
  /** One number per vertex: mm across the fibres, for the fibre texture. */
  strand?: Packed | number[];
}

export interface SiteEntry {
  id: string;
  number: number;
  label: string;
  /** On the skin, mm in the head frame. */
  xyz: [number, number, number];
  /** Needle tip, mm in the head frame. */
  tip: [number, number, number];
  units: number;
  volume_ml: number;
  product: string;
  depth_mm: number;
}

export interface Eye {
  centre: [number, number, number];
  radius: number;
}

export interface Payload {
  schema: string;
  title: string;
  days: number[];
  skin: Surface;
  eyes?: Eye[];
  /** What the camera looks at; the whole skin when absent. */
  focus?: Eye;
  muscles: MuscleEntry[];
  /** Force as planned, as a share of full force, one row a muscle, one column a day; the others are of the draws. */
  force: Packed | number[][];
  force_low?: Packed | number[][];
  force_median?: Packed | number[][];
  force_high?: Packed | number[][];
  sites: SiteEntry[];
  banner?: string;
  /** What the head does not show, such as a target of the foot. */
  note?: string;
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const WIDTH = { u8: 1, u16: 2, i16: 2, u32: 4, f32: 4 } as const;

/** The stored numbers of a packed array, whatever the byte order of this machine. */
function stored(packed: Packed): Float32Array {
  const bytes = bytesOf(packed.data);
  const width = WIDTH[packed.type];
  const count = packed.shape.reduce((a, b) => a * b, 1);
  if (width === undefined || bytes.length !== count * width) {
    throw new RangeError(`packed array: ${bytes.length} bytes do not hold ${count} numbers of type ${packed.type}`);
  }
  const view = new DataView(bytes.buffer);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = i * width;
    switch (packed.type) {
      case "u8": out[i] = view.getUint8(at); break;
      case "u16": out[i] = view.getUint16(at, true); break;
      case "i16": out[i] = view.getInt16(at, true); break;
      case "u32": out[i] = view.getUint32(at, true); break;
      case "f32": out[i] = view.getFloat32(at, true); break;
    }
  }
  return out;
}

/** Flat numbers of a packed array or of nested lists. */
export function decode(source: Packed | number[][] | number[]): Float32Array {
  if (Array.isArray(source)) return Float32Array.from((source as number[]).flat() as number[]);
  const out = stored(source);
  const scale = source.scale ?? 1;
  if (scale !== 1) for (let i = 0; i < out.length; i += 1) out[i] = out[i]! * scale;
  return out;
}

/** Rows of a packed or nested table; each row has as many numbers as there are days. */
export function decodeRows(source: Packed | number[][], rows: number, columns: number): Float32Array[] {
  const flat = decode(source);
  if (flat.length !== rows * columns) {
    throw new RangeError(`table: ${flat.length} numbers, ${rows} muscles x ${columns} days expected`);
  }
  return Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
}

/** The course of every muscle, decoded once. */
export interface Course {
  days: number[];
  force: Float32Array[];
  low: Float32Array[] | null;
  median: Float32Array[] | null;
  high: Float32Array[] | null;
}

export function decodeCourse(payload: Payload): Course {
  if (payload.schema !== PAYLOAD_SCHEMA) {
    throw new RangeError(`payload: schema ${payload.schema}, this viewer reads ${PAYLOAD_SCHEMA}`);
  }
  const rows = payload.muscles.length;
  const columns = payload.days.length;
  const band = (table?: Packed | number[][]) => (table ? decodeRows(table, rows, columns) : null);
  return {
    days: payload.days,
    force: decodeRows(payload.force, rows, columns),
    low: band(payload.force_low),
    median: band(payload.force_median),
    high: band(payload.force_high),
  };
}
