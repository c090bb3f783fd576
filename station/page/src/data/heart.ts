// The stethoscope as this page knows it: how it stands, and the last seconds of what it hears.

import type { Auscultation } from "../messages";
import { RATE, type Sound } from "./sound";
import { Series } from "./vitals";

export type Site = Exclude<Auscultation["site"], "">;

/** Samples of one lowest and highest: 5 ms, so that every beat is seen at a twentieth of the points. */
const DRAWN = RATE / 200;
/** Per cent of full scale. */
const PERCENT = 327.68;

/** What is drawn: the lowest and the highest of each 5 ms, in per cent of full scale; where samples are missing, the line breaks. */
export class Phonocardiogram extends Series {
  received = 0;
  private next = -1;

  constructor() {
    super(6);
  }

  add(sound: Sound): void {
    const last = sound.received / 1000;
    const start = last - sound.samples.length / RATE;
    if (this.next >= 0 && sound.sequence !== this.next) this.push(start, null);
    this.next = sound.sequence + sound.samples.length;
    this.received = sound.received;
    for (let at = 0; at < sound.samples.length; at += DRAWN) {
      const piece = sound.samples.subarray(at, at + DRAWN);
      this.push(start + at / RATE, Math.min(...piece) / PERCENT);
      this.push(start + (at + DRAWN / 2) / RATE, Math.max(...piece) / PERCENT);
    }
  }
}

export class Heart {
  /** Null until the booth has told: it has no stethoscope, or no stream is up. */
  state: Auscultation | null = null;
  line = new Phonocardiogram();
  /** Where the specialist wants it, until the helper has put it there. */
  asked: Site | null = null;

  tell(message: Auscultation): void {
    if (message.site !== this.state?.site || (message.state === "starting" && this.state.state !== "starting")) this.line = new Phonocardiogram();
    this.state = message;
    if (message.site === this.asked) this.asked = null;
  }

  /** Nothing more comes for now. */
  lose(): void {
    this.state = null;
    this.line = new Phonocardiogram();
  }
}
