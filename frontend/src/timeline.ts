/** Slider and table arithmetic: pure functions of the decoded course. */

import type { Course, MuscleEntry, Role } from "./payload";

/** Index of the day nearest to `day`; the earlier of two equally near. */
export function indexOfDay(days: readonly number[], day: number): number {
  let best = 0;
  days.forEach((d, i) => {
    if (Math.abs(d - day) < Math.abs(days[best]! - day)) best = i;
  });
  return best;
}

export function clampIndex(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.round(index)));
}

/** Is a target among the muscles of the head? */
export function hasTarget(muscles: readonly MuscleEntry[]): boolean {
  return muscles.some((m) => m.role === "target");
}

/** Muscles that the slider's nadir button looks at: the targets, or all when none is named. */
export function watched(muscles: readonly MuscleEntry[]): number[] {
  const targets = muscles.map((m, i) => (m.role === "target" ? i : -1)).filter((i) => i >= 0);
  return targets.length > 0 ? targets : muscles.map((_, i) => i);
}

/** Index of the day on which the watched muscles together are weakest. */
export function nadirIndex(course: Course, muscles: readonly MuscleEntry[]): number {
  const rows = watched(muscles);
  const sums = course.days.map((_, t) => rows.reduce((sum, i) => sum + course.force[i]![t]!, 0));
  return sums.reduce((best, value, t) => (value < sums[best]! - 1e-9 ? t : best), 0);
}

/** Playing: the day index after `elapsed` ms of a run of `duration` ms that began at `start`. */
export function playIndex(start: number, elapsed: number, duration: number, count: number): number {
  return clampIndex(start + (elapsed / duration) * (count - 1), count);
}

const ORDER: Record<Role, number> = { target: 0, at_risk: 1, other: 2 };

/** Rows of the force table: targets, then muscles at risk, then others that ever weaken. */
export function tableOrder(course: Course, muscles: readonly MuscleEntry[], shown = 0.99): number[] {
  const lowest = course.force.map((row) => row.reduce((a, b) => Math.min(a, b), 1));
  return muscles
    .map((_, i) => i)
    .filter((i) => muscles[i]!.role !== "other" || lowest[i]! < shown)
    .sort((a, b) => ORDER[muscles[a]!.role] - ORDER[muscles[b]!.role] || lowest[a]! - lowest[b]! || a - b);
}

/** Between a number and its per cent sign: narrow, and no line breaks there. */
const SIGN = "\u202f%";

/** A force as people read it: per cent of full force; "<1 %" instead of a false zero. */
export function percent(force: number): string {
  if (!Number.isFinite(force)) return "not known";
  if (force > 0 && force < 0.01) return `<1${SIGN}`;
  if (force < 1 && force > 0.995) return `>99${SIGN}`;
  return `${Math.round(force * 100)}${SIGN}`;
}

/** Median of the draws, or nothing where there are none. */
export function median(course: Course, muscle: number, index: number): string {
  const value = course.median?.[muscle]?.[index];
  return value === undefined ? "" : percent(value);
}

export function band(course: Course, muscle: number, index: number): string {
  const low = course.low?.[muscle]?.[index];
  const high = course.high?.[muscle]?.[index];
  if (low === undefined || high === undefined) return "";
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from.replace(SIGN, "")} to ${to}`;
}

export const sideWord = { left: "left", right: "right", midline: "midline" } as const;

/** Points of a small curve, for an SVG polyline of the given size. */
export function curvePoints(row: Float32Array, width: number, height: number): string {
  const last = Math.max(1, row.length - 1);
  const parts: string[] = [];
  row.forEach((f, t) => parts.push(`${((t / last) * width).toFixed(1)},${((1 - f) * height).toFixed(1)}`));
  return parts.join(" ");
}
