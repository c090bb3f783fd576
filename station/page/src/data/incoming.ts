// The booth's records in their order, whichever way they come: the station's socket, or the call's data channel (docs/crypto.md, "Two ways for one stream").

import { Fault } from "./fault";
import { NUMBERED, SEALED } from "./station";

/** Sends a frame back the way that another one came. */
export type Answer = (kind: number, body: Uint8Array) => void;

export class Incoming {
  /** How many records have come, which is the number of the next one. */
  next = 0;
  private plain = 0;

  /** The record in a frame; null when it has come before by the other way, or when there is none in it. Throws Fault when one is missing before it. */
  take(kind: number, body: Uint8Array): Uint8Array | null {
    if (kind === SEALED) return this.record(this.plain++, body);
    if (kind !== NUMBERED) return null;
    if (body.length < 8) throw new Fault("stream-malformed", "a record without its number");
    return this.record(Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0)), body.subarray(8));
  }

  private record(number: number, record: Uint8Array): Uint8Array | null {
    if (number < this.next) return null;
    // whoever changes the way begins with what has not come yet: there is never a gap
    if (number > this.next) throw new Fault("stream-altered", "a record is missing");
    this.next += 1;
    return record;
  }
}
