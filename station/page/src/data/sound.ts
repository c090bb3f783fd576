// What the stethoscope hears, as octets of the sealed stream: the layout of protocol/sound.py, with the vector tests/vectors/sound.json.

import { Fault } from "./fault";

export const RATE = 4000;
const PIECE = 500;
const HEAD = 24;
/** The first octet of such a message; JSON begins with "{", a curve with 1. */
export const SOUND = 2;

export interface Sound {
  type: "sound";
  /** How many samples came before. */
  sequence: number;
  /** When the last sample was heard, ms since the epoch by the booth's clock. */
  received: number;
  samples: Int16Array;
}

/** The sound in these octets. Throws Fault when they are of another kind or length. */
export function soundOf(plain: Uint8Array): Sound {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  if (
    plain.length !== HEAD + 2 * PIECE || plain[0] !== SOUND || plain[1] !== 0 || view.getUint16(2, true) !== RATE ||
    view.getUint16(4, true) !== PIECE || view.getUint16(6, true) !== 0
  ) throw new Fault("stream-malformed", "a sound of another kind");
  const samples = Int16Array.from({ length: PIECE }, (_, at) => view.getInt16(HEAD + 2 * at, true));
  return { type: "sound", sequence: Number(view.getBigUint64(8, true)), received: view.getFloat64(16, true), samples };
}
