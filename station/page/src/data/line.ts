// The page's end of the line to one booth: handshake, then the sealed stream. kiosk/specialist_line.py is the other end.

import type { FromBooth, IceServer, ToBooth } from "../messages";
import { concat, u64 } from "./bytes";
import type { Agreement, Handshake } from "./handshake";
import { type Answer, Incoming } from "./incoming";
import { now } from "./measures";
import { numbered, type Resumption } from "./resumption";
import type { Sound } from "./sound";
import { ECHO, PROBE, SEALED } from "./station";

const HANDSHAKE_DEADLINE = 10_000;

export class Line {
  /** Null until the booth and this page have agreed: nothing is sent or read before. */
  agreement: Agreement | null = null;
  /** When that was, ms since the epoch. */
  since = 0;
  private readonly incoming = new Incoming();
  private readonly deadline: ReturnType<typeof setTimeout>;

  /** `servers`: for the calls of this line; `send` takes a frame for the booth; `late` is called when the booth does not agree in time. */
  constructor(
    readonly handshake: Handshake, readonly servers: IceServer[], private readonly resumption: Resumption,
    private readonly send: (kind: number, body: Uint8Array) => void, late: () => void,
  ) {
    this.deadline = setTimeout(late, HANDSHAKE_DEADLINE);
  }

  /** The stream begins. */
  begin(agreement: Agreement): void {
    clearTimeout(this.deadline);
    this.agreement = agreement;
    this.since = now();
    this.seal(this.resumption.begin());
  }

  /** The message in a frame, when it is the next one; null before there is a stream, and for what is left of the one before. Throws Fault. */
  take(kind: number, body: Uint8Array, answer: Answer): FromBooth | Sound | null {
    if (this.agreement === null) return null;
    if (kind === PROBE && body.length === 8) answer(ECHO, concat(body, u64(this.incoming.next)));
    const record = this.incoming.take(kind, body);
    if (record === null) return null;
    const message = this.agreement.opener.open(record);
    if (message.type === "sound") return message;
    this.resumption.had(message);
    if (message.type === "resume") this.resumption.resumed(message).forEach((missed) => this.seal(missed));
    return message;
  }

  /** What is numbered is kept, and sent once the booth has said how far it is. */
  say(message: ToBooth): void {
    if (this.agreement === null) return;
    if (numbered(message)) this.resumption.keep(message);
    if (!numbered(message) || this.resumption.ready) this.seal(message);
  }

  /** Whether the stream is not at its last message yet. */
  get unfinished(): boolean {
    return this.agreement !== null && !this.agreement.opener.finished;
  }

  close(): void {
    clearTimeout(this.deadline);
  }

  private seal(message: ToBooth): void {
    if (this.agreement !== null) this.send(SEALED, this.agreement.sealer.seal(message));
  }
}

