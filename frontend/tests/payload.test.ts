import { describe, expect, it } from "vitest";
import { decode, decodeCourse, decodeRows, type Packed, type Payload } from "../src/payload";

const packed = (type: Packed["type"], bytes: number[], shape: number[], scale?: number): Packed => ({
  type, shape, scale, data: btoa(String.fromCharCode(...bytes)),
});

describe("packed arrays", () => {
  it("are little-endian whatever the machine", () => {
    expect([...decode(packed("u16", [1, 0, 0, 1], [2]))]).toEqual([1, 256]);
    expect([...decode(packed("i16", [255, 255], [1]))]).toEqual([-1]);
    expect([...decode(packed("u32", [0, 0, 1, 0], [1]))]).toEqual([65536]);
    expect([...decode(packed("f32", [0, 0, 128, 63], [1]))]).toEqual([1]);
  });
  it("are scaled", () => {
    expect(decode(packed("u16", [16, 39], [1], 1e-4))[0]).toBeCloseTo(1, 6);
  });
  it("are refused when bytes and shape disagree", () => {
    expect(() => decode(packed("u16", [1, 0, 0], [2]))).toThrow(RangeError);
  });
  it("may also come as plain lists", () => {
    expect([...decode([[1, 2], [3, 4]])]).toEqual([1, 2, 3, 4]);
  });
});

describe("tables", () => {
  it("are cut into rows", () => {
    expect(decodeRows([[1, 2], [3, 4]], 2, 2).map((r) => [...r])).toEqual([[1, 2], [3, 4]]);
  });
  it("are refused in the wrong size", () => {
    expect(() => decodeRows([[1, 2, 3]], 2, 2)).toThrow(/2 muscles x 2 days/);
  });
  it("are refused from a payload of another schema", () => {
    expect(() => decodeCourse({ schema: "endplate/viewer/9" } as Payload)).toThrow(/endplate\/viewer\/1/);
  });
});
