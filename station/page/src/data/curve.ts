// A batch of a curve as the booth sends it: a binary frame in place of JSON (protocol/curve_frame.py).

import type { Curve } from "../messages";
import { textOf } from "./bytes";

/** The first octet of such a frame; JSON begins with another. */
export const CURVE_FRAME = 0x01;
const HEAD = 26;

/** Throws on what is no such frame. */
export function curveOf(frame: Uint8Array): Curve {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const width = view.getUint8(1);
  const names = HEAD + view.getUint8(2);
  const start = names + view.getUint8(3);
  const count = view.getUint16(4, true);
  const number = { 1: (at: number) => view.getInt8(at), 2: (at: number) => view.getInt16(at, true), 4: (at: number) => view.getInt32(at, true) }[width];
  const period = view.getFloat64(10, true);
  const received = view.getFloat64(18, true);
  if (number === undefined || start + count * width > frame.length || !Number.isFinite(period) || !Number.isFinite(received)) throw new RangeError("not a curve");
  const missing = -(2 ** (8 * width - 1));
  const samples = Array.from({ length: count }, (_, at) => number(start + at * width)).map((sample) => (sample === missing ? null : sample));
  return {
    type: "curve", device: textOf(frame.subarray(HEAD, names)), vital: textOf(frame.subarray(names, start)), sequence: view.getUint32(6, true), samples, period, received,
  };
}
