// One consultation as this page knows it, and what stays of it in the tab over a reload.

import type { Entry, ExamCameras, Guest, Situation } from "../messages";
import type { Call, Media } from "./call";
import type { Code } from "./codes";
import type { FaultKey } from "./fault";
import { Heart } from "./heart";
import { Resumption } from "./resumption";
import { type Strip, Vitals } from "./vitals";

const KEPT = "telecabine-room";

export type Phase = "joining" | "agreeing" | "open" | "booth-away" | "offline" | "ended" | "fault";

export interface TextLine {
  own: boolean;
  text: string;
  at: number;
  /** The other professional who wrote it; "" = the booth. */
  by: string;
}

export interface Room {
  consultation: string;
  booth: string;
  ticket: string;
  phase: Phase;
  fault: FaultKey | null;
  /** The stream before this one ended without its last message. */
  cut: boolean;
  digits: string;
  verified: boolean;
  situation: Situation | null;
  vitals: Vitals;
  strips: Map<string, Strip>;
  lines: TextLine[];
  /** What is being written in the booth. */
  draft: string;
  /** What the link leaves of the booth's picture and sound. */
  left: { picture: "moving" | "stills" | "none"; sound: "full" | "thin" | "none" };
  /** The stethoscope. */
  heart: Heart;
  call: Call | null;
  media: Media;
  local: MediaStream | null;
  reportSent: boolean;
  record: string;
  resumption: Resumption;
  /** The code by which this consultation came; nothing is agreed without it. */
  code: Code | null;
  /** Base64 of the booth's key once it has shown that it knows the code: after a cut it must be the same one, and no code is asked. */
  proven: string;
  /** Whether this page is a guest's. */
  invited: boolean;
  /** How far the guest of this consultation is; null while none is wished. */
  guest: Guest | null;
  /** The booth's exam cameras; null while nothing was said of any. */
  exam: ExamCameras | null;
}

/** Where a consultation is found again. */
export type Place = Pick<Entry, "consultation" | "booth" | "ticket">;

export function newRoom(place: Place, invited: boolean, proven = ""): Room {
  return {
    consultation: place.consultation, booth: place.booth, ticket: place.ticket, phase: "joining", fault: null, cut: false, digits: "",
    verified: false, situation: null, vitals: new Vitals(), strips: new Map(), lines: [], draft: "", left: { picture: "moving", sound: "full" },
    heart: new Heart(), call: null, media: "asking", local: null, reportSent: false, record: "", resumption: new Resumption(), code: null, proven, invited, guest: null, exam: null,
  };
}

/** This tab comes back to the room after a reload. */
export function keepRoom({ consultation, booth, ticket, proven }: Room): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ consultation, booth, ticket, proven }));
}

/** The room that this tab was in; null when there was none. */
export function keptRoom(invited: boolean): Room | null {
  const stored = sessionStorage.getItem(KEPT);
  if (stored === null) return null;
  const place = JSON.parse(stored) as Place & { proven?: string };
  return newRoom(place, invited, place.proven);
}

export function forgetRoom(): void {
  sessionStorage.removeItem(KEPT);
}
