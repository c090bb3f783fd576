// The codes that this specialist has made for patients: how often each was tried, and when it is worth nothing any more.

import type { CodeMade } from "../messages";
import { type Code, kept, keptText, make, TRIES } from "./codes";
import type { Agreement, Handshake } from "./handshake";

const KEPT = "telecabine-codes";

export interface PatientCode {
  code: Code;
  /** ms since the epoch. */
  expires: number;
  /** Attempts at it: at TRIES it is worth nothing. */
  tries: number;
}

export class PatientCodes {
  /** By their place. */
  readonly made: Map<string, PatientCode>;

  /** Those of this tab, a reload before included. `close` tells the station that a place leads nowhere any more. */
  constructor(private readonly close: (place: string) => void) {
    const stored = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as { code: string; expires: number; tries: number }[];
    this.made = new Map(stored.map(({ code, ...rest }) => ({ ...rest, code: kept(code)! })).map((made) => [made.code.place, made]));
  }

  /** The station has given a place. */
  add(message: CodeMade): void {
    this.made.set(message.place, { code: make(message.place), expires: message.expires, tries: 0 });
    this.keep();
  }

  /** The code of this place, while it is worth something. */
  of(place: string): Code | null {
    const made = this.made.get(place);
    return made === undefined || made.tries >= TRIES ? null : made.code;
  }

  /** The specialist does not want it any more. */
  cancel(place: string): void {
    if (this.made.delete(place)) this.close(place);
    this.keep();
  }

  /** The handshake's next message. Who faces this page may guess the code once each time that the page shows that it knows it. */
  async counted(code: Code | null, handshake: Handshake, body: Uint8Array): Promise<Agreement | null> {
    const before = handshake.revealed;
    const made = this.made.get(code?.place ?? "");
    try {
      const agreement = await handshake.receive(body);
      if (agreement !== null && made !== undefined) this.cancel(made.code.place);
      return agreement;
    } finally {
      if (made !== undefined && !before && handshake.revealed) this.tried(made);
    }
  }

  private tried(made: PatientCode): void {
    made.tries += 1;
    if (made.tries >= TRIES) this.close(made.code.place);
    this.keep();
  }

  private keep(): void {
    sessionStorage.setItem(KEPT, JSON.stringify([...this.made.values()].map((made) => ({ ...made, code: keptText(made.code) }))));
  }
}
