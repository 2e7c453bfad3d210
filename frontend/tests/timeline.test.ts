import { describe, expect, it } from "vitest";
import type { Course, MuscleEntry, Role } from "../src/payload";
import { band, clampIndex, curvePoints, hasTarget, indexOfDay, median, nadirIndex, percent, playIndex, tableOrder, watched } from "../src/timeline";

const muscle = (id: string, role: Role) => ({ id, role, side: "left", label: id }) as MuscleEntry;
const muscles = [muscle("far", "other"), muscle("risk", "at_risk"), muscle("aim", "target"), muscle("near", "other")];
const rows = (table: number[][]) => table.map((r) => Float32Array.from(r));
const force = rows([[1, 1, 1, 1], [1, 0.9, 0.98, 1], [1, 0.4, 0.2, 0.6], [1, 0.5, 0.7, 0.9]]);
const course: Course = { days: [0, 10, 30, 90], force, low: null, median: null, high: null };

describe("the day slider", () => {
  it("goes to the nearest day, the earlier of two", () => {
    expect(indexOfDay(course.days, 31)).toBe(2);
    expect(indexOfDay(course.days, 20)).toBe(1);
    expect(indexOfDay(course.days, 999)).toBe(3);
  });
  it("stays inside the days", () => {
    expect(clampIndex(-2, 4)).toBe(0);
    expect(clampIndex(9, 4)).toBe(3);
  });
  it("finds the weakest day of the targets, not of their neighbours", () => {
    expect(watched(muscles)).toEqual([2]);
    expect(nadirIndex(course, muscles)).toBe(2);
  });
  it("watches every muscle when no target is named", () => {
    expect(watched([muscle("a", "other"), muscle("b", "other")])).toEqual([0, 1]);
  });
  it("knows whether there is a target at all", () => {
    expect(hasTarget(muscles)).toBe(true);
    expect(hasTarget([muscle("a", "at_risk")])).toBe(false);
  });
  it("plays from where it stands and stops at the end", () => {
    expect(playIndex(0, 0, 1000, 366)).toBe(0);
    expect(playIndex(0, 500, 1000, 366)).toBe(183);
    expect(playIndex(100, 5000, 1000, 366)).toBe(365);
  });
});

describe("the force table", () => {
  it("shows targets, then muscles at risk, then others that ever weaken", () => {
    expect(tableOrder(course, muscles).map((i) => muscles[i]!.id)).toEqual(["aim", "risk", "near"]);
  });
  it("never rounds a weak muscle to nothing or a weakened one to full force", () => {
    expect(percent(0.004)).toBe("<1\u202f%");
    expect(percent(0.9976)).toBe(">99\u202f%");
    expect(percent(1)).toBe("100\u202f%");
    expect(percent(0.237)).toBe("24\u202f%");
    expect(percent(Number.NaN)).toBe("not known");
  });
  it("gives the band, or nothing where there is none", () => {
    expect(band(course, 2, 1)).toBe("");
    expect(band({ ...course, low: rows([[0.2]]), high: rows([[0.4]]) }, 0, 0)).toBe("20 to 40\u202f%");
    expect(band({ ...course, low: rows([[1]]), high: rows([[1]]) }, 0, 0)).toBe("100\u202f%");
  });
  it("gives the median of the draws, or nothing without draws", () => {
    expect(median(course, 2, 1)).toBe("");
    expect(median({ ...course, median: rows([[0.46]]) }, 0, 0)).toBe("46\u202f%");
  });
  it("draws full force at the top", () => {
    expect(curvePoints(Float32Array.from([1, 0.5]), 100, 40)).toBe("0.0,0.0 100.0,20.0");
  });
});
