// The calls of one line, one after the other: camera and microphone, the first attempt, and another one when a call is lost.

import type { Answer, CallFailed } from "../messages";
import { Call, type Callee, localMedia, type Media } from "./call";
import { now } from "./measures";
import type { Room } from "./room";

const MEDIA_PATIENCE = 8_000;
/** Waits before the picture is tried again by itself, one after the other, in ms; then it is the specialist's turn. */
const AGAIN_AFTER = [300, 1_000, 2_000, 4_000, 4_000, 4_000, 8_000, 8_000, 15_000, 30_000];
/** Reasons of the booth after which another attempt may go well. */
const LOST = new Set(["connection-lost", "sender-stalled", "call-restarted", "no-answer"]);
/** A call of this length was one: the next waits begin anew. */
const HELD = 20_000;

export class Calls {
  private callee: Callee | null = null;
  private asked: ReturnType<typeof localMedia> | null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private connectedAt: number | null = null;

  /** Asks for camera and microphone. `changed`: something is to be drawn anew. */
  constructor(private readonly room: Room, private readonly changed: () => void) {
    this.asked = localMedia();
  }

  /** Camera and microphone off, also when the browser only gives them later. */
  releaseMedia(): void {
    void this.asked?.then(({ stream }) => stream?.getTracks().forEach((track) => track.stop()));
    this.asked = null;
    this.room.local = null;
  }

  /** A line is there: calls over it until `end`. */
  begin(callee: Callee): void {
    this.callee = callee;
    void this.start();
  }

  /** The specialist tries again, and the browser asks again for camera and microphone. */
  retry(): void {
    this.attempts = 0;
    this.releaseMedia();
    this.asked = localMedia();
    void this.start();
  }

  async answered(message: Answer): Promise<void> {
    await this.room.call?.answer(message.sdp);
  }

  failed(message: CallFailed): void {
    this.room.call?.fail(LOST.has(message.reason) ? "lost" : "booth");
  }

  /** The line is over. */
  end(): void {
    clearTimeout(this.again);
    this.callee = null;
    this.attempts = 0;
    this.connectedAt = null;
    this.room.call?.close();
    this.room.call = null;
  }

  private async start(): Promise<void> {
    const { room, callee, asked } = this;
    if (callee === null || asked === null) return;
    const late = new Promise<{ stream: null; media: Media }>((resolve) =>
      setTimeout(() => resolve({ stream: null, media: "no-decision" }), MEDIA_PATIENCE),
    );
    const { stream, media } = await Promise.race([asked, late]);
    if (this.callee !== callee) return;
    room.call?.close();
    Object.assign(room, { local: stream, media, left: { picture: "moving", sound: "full" } });
    room.call = new Call(callee, stream, () => this.stateChanged());
    this.changed();
    // the booth's call process is down: it has no fingerprints to show
    if (callee.fingerprints.length === 0) room.call.fail("booth");
    else await room.call.start();
  }

  /** A call that was lost is begun anew by itself; one that was refused, or that the booth cannot make, is not. */
  private stateChanged(): void {
    const { call } = this.room;
    if (call?.state === "connected") this.connectedAt ??= now();
    if (call?.state === "failed") {
      if (this.connectedAt !== null && now() - this.connectedAt > HELD) this.attempts = 0;
      this.connectedAt = null;
      const wait = AGAIN_AFTER[this.attempts];
      if (wait !== undefined && (call.reason === "lost" || call.reason === "no-path")) {
        this.attempts += 1;
        clearTimeout(this.again);
        this.again = setTimeout(() => void this.start(), wait);
      }
    }
    this.changed();
  }
}
