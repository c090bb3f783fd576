// The specialist in one consultation's room: the line to its booth, the calls, and what both say.

import type { Curve, FromBooth, IceServer, Text, ToBooth, Values } from "../messages";
import { unbase64 } from "./bytes";
import { certificate } from "./call";
import { Calls } from "./calls";
import type { Trust } from "./directory";
import { Fault, type FaultKey } from "./fault";
import { type Agreement, Handshake } from "./handshake";
import type { Site } from "./heart";
import type { Answer } from "./incoming";
import { type Identity, remember } from "./keys";
import { Line } from "./line";
import { moment, now, recordCame } from "./measures";
import type { PatientCodes } from "./patient-codes";
import { forgetRoom, keepRoom, type Room } from "./room";
import type { Sound } from "./sound";
import { HANDSHAKE, type Station } from "./station";
import { Strip } from "./vitals";

/** What a step has changed: "curve" = nothing that is to be drawn anew; samples of a curve that is drawn already draw themselves. */
export type Outcome = "curve" | void;

/** Whom the visit tells. */
export interface Around {
  station: Station;
  codes: PatientCodes;
  changed(): void;
  /** Values that the next paint will show; `history` when they were received before this stream began, or are told again. */
  values(message: Values, history: boolean): void;
  curve(message: Curve): void;
  /** The code of this room has let this page in. */
  codeServed(): void;
  /** Another booth has shown who it is: what waited for its name can be read. */
  boothKnown(): Promise<void>;
  /** Runs a step after those before it; a Fault in it ends the visit. */
  queue(step: () => Promise<Outcome> | Outcome): void;
}

export class Visit {
  /** None for a guest: picture and sound are between booth and specialist. */
  private readonly calls: Calls | null;
  private line: Line | null = null;
  private own: Awaited<ReturnType<typeof certificate>> | null = null;

  constructor(readonly room: Room, private readonly identity: Identity, private readonly trust: Trust, private readonly around: Around) {
    this.calls = room.invited ? null : new Calls(room, () => around.changed());
  }

  // what the specialist does

  /** Asks the station to be let in. */
  join(): void {
    moment("joined");
    this.room.phase = "joining";
    this.around.station.send({ type: "join", consultation: this.room.consultation });
  }

  /** The specialist's word on the six digits; "different" ends the consultation. */
  verify(same: boolean): void {
    this.send({ type: "verified", same });
    if (same) this.room.verified = true;
    else this.stop("codes-differ");
    this.around.changed();
  }

  say(text: string): void {
    const line = text.trim();
    if (line === "" || !this.open) return;
    const message: Text = { type: "text", text: line.slice(0, 2000), at: Date.now() };
    this.send(message);
    this.room.lines.push({ own: true, text: message.text, at: message.at, by: "" });
    this.around.changed();
  }

  /** The line as it is being written, at each character. */
  write(text: string): void {
    this.send({ type: "draft", text: text.slice(0, 2000) });
  }

  ask(vital: string): void {
    this.send({ type: "ask", vital });
  }

  /** The stethoscope's sound over the call, or no longer. */
  listen(on: boolean): void {
    this.send({ type: "listen", on });
  }

  askSite(site: Site): void {
    this.send({ type: "ask-site", site });
    this.room.heart.asked = site;
    this.around.changed();
  }

  /** Keep what was just heard, if the patient says yes. */
  keepSound(): void {
    this.send({ type: "keep-sound" });
  }

  /** The name behind the pseudonym; the booth keeps the reason in its record and shows it to the patient. */
  reveal(reason: string): void {
    if (reason.trim() !== "") this.send({ type: "break-glass", reason: reason.trim().slice(0, 500) });
  }

  report(text: string, conclusion: string, prescriptions: string): void {
    if (!this.open) return;
    this.send({ type: "report", text, conclusion, prescriptions });
    this.room.reportSent = true;
    this.around.changed();
  }

  /** Asks to see through an exam camera; "" = the booth's own again. The patient answers. */
  showCamera(camera: string): void {
    this.send({ type: "show-camera", camera });
  }

  /** Asks for a photograph by the exam camera that is shown. */
  askPhoto(): void {
    this.send({ type: "ask-photo" });
  }

  /** Asks the booth, and the booth the patient, for a guest. */
  invite(): void {
    this.send({ type: "invite-guest" });
  }

  /** Takes the invitation back, or sends the guest away. */
  dismiss(): void {
    this.send({ type: "dismiss-guest" });
  }

  retryCall(): void {
    this.calls?.retry();
  }

  /** Ends the consultation from here. */
  leave(): void {
    this.send({ type: "leave" });
    this.finish("ended");
  }

  // what the station and the booth say

  /** The station has let this page in, beside the booth. */
  async joined(specialist: string, servers: IceServer[]): Promise<void> {
    const { room, identity } = this;
    this.cutIfOpen();
    room.phase = "agreeing";
    this.own ??= await certificate();
    await identity.renew(Date.now());
    const send = (kind: number, body: Uint8Array): void => this.around.station.sendFrame(kind, body);
    const handshake = new Handshake(
      room.consultation, specialist, identity, this.own.fingerprints, (body) => send(HANDSHAKE, body), undefined, room.code,
    );
    this.line = new Line(handshake, servers, room.resumption, send, () => this.around.queue(() => Promise.reject(new Fault("handshake-late"))));
    handshake.start();
  }

  /** One frame that the station has relayed. Throws Fault. */
  async frame(kind: number, body: Uint8Array): Promise<Outcome> {
    const { line } = this;
    if (line === null) return;
    if (kind !== HANDSHAKE) return this.carried(line, "socket", kind, body, (back, answer) => this.around.station.sendFrame(back, answer));
    if (line.agreement !== null) return;
    const agreement = await this.around.codes.counted(this.room.code, line.handshake, body);
    if (agreement !== null && this.line === line) await this.agreed(line, agreement);
  }

  /** One frame of the stream, by either way. */
  private async carried(line: Line, way: "socket" | "channel", kind: number, body: Uint8Array, answer: Answer): Promise<Outcome> {
    if (this.line !== line) return;
    const message = line.take(kind, body, answer);
    if (message === null) return "curve";
    recordCame(way);
    return this.fromBooth(line, message);
  }

  /** Throws Fault when the booth is not, or no more, of the organisation. */
  checkBooth(): void {
    if (this.line !== null && this.line.agreement !== null) this.boothsName(this.line.agreement);
  }

  private async agreed(line: Line, agreement: Agreement): Promise<void> {
    const { room, own } = this;
    const { booth } = agreement;
    if (room.proven !== "" && room.proven !== booth.identity) throw new Fault("code-wrong", "another booth");
    if (room.code !== null) {
      Object.assign(room, { code: null, proven: booth.identity });
      keepRoom(room);
      this.around.codeServed();
    }
    room.booth = this.boothsName(agreement) ?? room.booth;
    moment("agreed");
    Object.assign(room, { phase: "open", digits: agreement.digits, verified: false, fault: null });
    line.begin(agreement);
    await remember(booth.identity, booth.name);
    await this.around.boothKnown();
    if (this.line === line && own !== null)
      this.calls?.begin({
        servers: line.servers, own: own.certificate, fingerprints: booth.fingerprints, send: (message) => this.send(message),
        carried: (kind, body, answer) => this.around.queue(() => this.carried(line, "channel", kind, body, answer)),
      });
  }

  /** As the organisation knows it; undefined without an organisation. */
  private boothsName({ booth }: Agreement): string | undefined {
    return this.trust.entry(unbase64(booth.identity), "booth", Date.now())?.name;
  }

  private async fromBooth(line: Line, message: FromBooth | Sound): Promise<Outcome> {
    const { room } = this;
    switch (message.type) {
      case "resume":
        break;
      case "situation":
        room.situation = message;
        break;
      case "values":
        this.around.values(message, message.received < line.since || room.vitals.told(message));
        room.vitals.add(message, now(), message.received < line.since);
        break;
      case "curve":
        return this.curve(message);
      case "device-lost":
        room.vitals.lose(message.device);
        break;
      case "answer":
        await this.calls?.answered(message);
        break;
      case "call-failed":
        this.calls?.failed(message);
        break;
      case "exam-cameras":
        room.exam = message;
        break;
      case "draft":
        room.draft = message.text;
        break;
      case "guest":
        room.guest = message;
        break;
      case "media":
        room.left = { picture: message.picture, sound: message.sound };
        void room.call?.giveWay(room.left);
        break;
      case "auscultation":
        room.heart.tell(message);
        break;
      case "sound":
        return this.heard(message);
      case "text":
        room.draft = "";
        room.lines.push({ own: false, text: message.text, at: message.at, by: message.by ?? "" });
        break;
      case "ended":
        if (line.unfinished) throw new Fault("stream-malformed", "an end that is not the last message");
        room.record = message.record;
        this.finish("ended");
        break;
    }
  }

  private heard(message: Sound): Outcome {
    const { line } = this.room.heart;
    const shown = line.received > 0 && this.room.vitals.freshness(line.received, now()) === "live";
    line.add(message);
    return shown ? "curve" : undefined;
  }

  private curve(message: Curve): Outcome {
    const { strips, vitals } = this.room;
    const strip = strips.get(message.vital) ?? new Strip(message.vital);
    const shown = strip.received > 0 && vitals.freshness(strip.received, now()) === "live";
    strips.set(message.vital, strip);
    strip.add(message);
    vitals.came(message.received, now());
    this.around.curve(message);
    return shown ? "curve" : undefined;
  }

  private get open(): boolean {
    return this.line !== null && this.line.agreement !== null;
  }

  private send(message: ToBooth): void {
    this.line?.say(message);
  }

  // ends

  get over(): boolean {
    return this.room.phase === "ended" || this.room.phase === "fault";
  }

  /** The other end, or the way to it, is gone for now. */
  away(phase: "booth-away" | "offline"): void {
    if (this.over) return;
    this.cutIfOpen();
    this.room.phase = phase;
  }

  /** Something is not as it must be: shows why and leaves. */
  stop(key: FaultKey): void {
    if (key === "codes-differ") this.send({ type: "leave" });
    this.room.fault = key;
    this.finish("fault");
  }

  finish(phase: "ended" | "fault"): void {
    this.room.phase = phase;
    this.release();
    this.around.station.send({ type: "close-room", consultation: this.room.consultation });
    this.around.changed();
  }

  /** Out of the room: this tab does not come back here after a reload. */
  release(): void {
    this.endStream();
    this.calls?.releaseMedia();
    forgetRoom();
  }

  /** Camera and microphone off. */
  releaseMedia(): void {
    this.calls?.releaseMedia();
  }

  private cutIfOpen(): void {
    if (this.line?.unfinished === true) this.room.cut = true;
    this.endStream();
  }

  private endStream(): void {
    this.line?.close();
    this.line = null;
    this.calls?.end();
    this.room.draft = "";
    this.room.heart.lose();
    this.room.vitals.loseAll();
  }
}
