// The codes that this specialist has made for patients: how often each was tried, and when it is worth nothing any more.

import type { CodeMade } from "../messages";
import { type Code, make, TRIES } from "./codes";
import type { Agreement, Handshake } from "./handshake";

export interface PatientCode {
  code: Code;
  /** ms since the epoch. */
  expires: number;
  tries: number;
}

export class PatientCodes {
  /** By their place. */
  readonly made = new Map<string, PatientCode>();

  /** `close` tells the station that a place is free again. */
  constructor(private readonly close: (place: string) => void) {}

  /** The station has given a place. */
  add(message: CodeMade): void {
    this.made.set(message.place, { code: make(message.place), expires: message.expires, tries: 0 });
  }

  /** The handshake's next message. Who faces this page may guess the code once each time that the page shows that it knows it. */
  async counted(code: Code | null, handshake: Handshake, body: Uint8Array): Promise<Agreement | null> {
    const before = handshake.revealed;
    const agreement = await handshake.receive(body);
    const made = this.made.get(code?.place ?? "");
    if (made === undefined) return agreement;
    if (!before && handshake.revealed) made.tries += 1;
    if (agreement !== null || made.tries >= TRIES) {
      this.made.delete(made.code.place);
      this.close(made.code.place);
    }
    return agreement;
  }
}
