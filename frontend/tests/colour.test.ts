import { describe, expect, it } from "vitest";
import { cssColour, forceColour, hexToRgb, legendGradient, oklab } from "../src/colour";

describe("the force colour map", () => {
  it("grows lighter all the way from blocked to full force", () => {
    const light = Array.from({ length: 101 }, (_, i) => oklab(forceColour(i / 100))[0]);
    light.slice(1).forEach((l, i) => expect(l).toBeGreaterThan(light[i]! - 0.004));
    expect(light[100]! - light[0]!).toBeGreaterThan(0.3);
  });
  it("begins and ends at its outer stops and clips beyond them", () => {
    expect(cssColour(forceColour(0))).toBe("rgb(18 36 90)");
    expect(cssColour(forceColour(1))).toBe("rgb(212 103 90)");
    expect(forceColour(-3)).toEqual(forceColour(0));
    expect(forceColour(7)).toEqual(forceColour(1));
  });
  it("shows what is no number as grey, not as blocked", () => {
    expect(forceColour(Number.NaN)).toEqual([0.6, 0.6, 0.6]);
  });
  it("reads hexadecimal colours", () => {
    expect(hexToRgb("#ff0080").map((c) => Math.round(c * 255))).toEqual([255, 0, 128]);
  });
  it("writes a gradient from blocked to full force", () => {
    expect(legendGradient(2)).toMatch(/^linear-gradient\(to right, rgb\(18 36 90\), .*rgb\(212 103 90\)\)$/);
  });
});
