// One specialist's session: station, handshake, sealed stream, call and envelopes, as one state that the views show.

import type { Curve, Entry, FromBooth, FromStation, IceServer, Situation, Text, ToBooth, Values } from "../messages";
import { type Bytes, unbase64 } from "./bytes";
import { Call, certificate, localMedia, type Media } from "./call";
import { type Code, make, TRIES } from "./codes";
import { requestOf, Trust } from "./directory";
import { receiptSignature } from "./envelope";
import { Fault, type FaultKey } from "./fault";
import { type Agreement, Handshake } from "./handshake";
import { forget, type Identity, remember } from "./keys";
import { Mailbox, type Opened } from "./mailbox";
import { moment, now } from "./measures";
import { numbered, Resumption } from "./resumption";
import { HANDSHAKE, SEALED, Station } from "./station";
import { Strip, Vitals } from "./vitals";

const HANDSHAKE_DEADLINE = 10_000;
const MEDIA_PATIENCE = 8_000;
/** Waits before the picture is tried again by itself, one after the other, in ms; then it is the specialist's turn. */
const AGAIN_AFTER = [300, 1_000, 2_000, 4_000, 4_000, 4_000, 8_000, 8_000, 15_000, 30_000];
/** Reasons of the booth after which another attempt may go well. */
const LOST = new Set(["connection-lost", "sender-stalled", "call-restarted", "no-answer"]);
/** A call of this length was one: the next waits begin anew. */
const HELD = 20_000;
const ROOM = "telecabine-room";

export type Phase = "joining" | "agreeing" | "open" | "booth-away" | "offline" | "ended" | "fault";

export interface Line {
  own: boolean;
  text: string;
  at: number;
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
  lines: Line[];
  /** What is being written in the booth. */
  draft: string;
  /** What the link leaves of the booth's picture and sound. */
  left: { picture: "moving" | "stills" | "none"; sound: "full" | "thin" | "none" };
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
}

/** What the views show. */
export interface State extends Opened {
  connection: "connecting" | "online" | "offline" | "refused";
  /** Reason of the station's refusal (text key "refused.…"). */
  refusal: string;
  /** Why the last attempt to enter a room failed (text key "refused.…"). */
  entryRefused: string;
  specialist: string;
  /** What an organisation's directory that came is refused for; the one before it stays in force. */
  distrust: FaultKey | null;
  /** Why this browser's own key does not count; null when it does, or when there is no organisation. */
  unlisted: FaultKey | null;
  entries: Entry[];
  room: Room | null;
  /** The specialist's own codes for patients, by their place; `expires` in ms since the epoch. */
  codes: Map<string, { code: Code; expires: number; tries: number }>;
}

export interface Events {
  changed(): void;
  /** Values that the next paint will show; `history` when they were received before this stream began, or are told again. */
  values(message: Values, history: boolean): void;
  curve(message: Curve): void;
  /** What was shown of a consultation is to be forgotten. */
  wiped(): void;
}

/** What a step has changed: "curve" = nothing but samples of a curve that is drawn already, which draws itself. */
type Outcome = "curve" | void;

export class Consultation {
  readonly state: State = {
    connection: "connecting", refusal: "", entryRefused: "", specialist: "", distrust: null, unlisted: null, entries: [], room: null, settled: [], records: [],
    seen: new Set(), unreadable: 0, codes: new Map(),
  };
  private readonly station: Station;
  private asked = false;
  private readonly mailbox: Mailbox;
  private handshake: Handshake | null = null;
  private agreement: Agreement | null = null;
  private agreedAt = 0;
  private servers: IceServer[] = [];
  private own: Awaited<ReturnType<typeof certificate>> | null = null;
  private localMedia: ReturnType<typeof localMedia> | null = null;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private connectedAt: number | null = null;
  // frames are handled one after the other: signing takes a turn of the event loop
  private work: Promise<void> = Promise.resolve();

  /** `guest`: the invitation by which this page was opened, and the name that its reader gives. */
  constructor(
    private readonly identity: Identity, readonly trust: Trust, token: string, private readonly events: Events,
    private readonly guest: { code: Code; name: string } | null = null,
  ) {
    this.mailbox = new Mailbox(identity, trust, this.state);
    this.station = new Station(identity, token, guest === null ? null : { place: guest.code.place, name: guest.name }, {
      message: (message) => this.queue(() => this.fromStation(message)),
      frame: (kind, body) => this.queue(() => this.frame(kind, body)),
      down: (final) => this.queue(() => this.down(final)),
    });
    this.station.connect();
  }

  // what the specialist does

  enter(entry: Pick<Entry, "consultation" | "booth" | "ticket" | "code">): void {
    this.state.entryRefused = "";
    this.state.room = newRoom(entry);
    this.state.room.code = this.guest?.code ?? this.state.codes.get(entry.code ?? "")?.code ?? null;
    sessionStorage.setItem(ROOM, JSON.stringify({ consultation: entry.consultation, booth: entry.booth, ticket: entry.ticket }));
    this.askMedia();
    moment("joined");
    this.station.send({ type: "join", consultation: entry.consultation });
    this.events.changed();
  }

  /** Asks the station for a place; the code is in `state.codes` once it is there. */
  makeCode(): void {
    this.station.send({ type: "make-code" });
  }

  /** The specialist's word on the six digits; "different" ends the consultation. */
  verify(same: boolean): void {
    const room = this.state.room;
    if (room === null) return;
    this.send({ type: "verified", same });
    if (same) room.verified = true;
    else this.stop("codes-differ");
    this.events.changed();
  }

  say(text: string): void {
    const line = text.trim();
    if (line === "" || this.agreement === null) return;
    const message: Text = { type: "text", text: line.slice(0, 2000), at: Date.now() };
    this.send(message);
    this.state.room?.lines.push({ own: true, text: message.text, at: message.at });
    this.events.changed();
  }

  /** The line as it is being written, at each character. */
  write(text: string): void {
    this.send({ type: "draft", text: text.slice(0, 2000) });
  }

  ask(vital: string): void {
    this.send({ type: "ask", vital });
  }

  /** The name behind the pseudonym; the booth keeps the reason in its record and shows it to the patient. */
  reveal(reason: string): void {
    if (reason.trim() !== "") this.send({ type: "break-glass", reason: reason.trim().slice(0, 500) });
  }

  report(text: string, conclusion: string): void {
    if (this.state.room === null || this.agreement === null) return;
    this.send({ type: "report", text, conclusion });
    this.state.room.reportSent = true;
    this.events.changed();
  }

  /** Ends the consultation from here. */
  leave(): void {
    this.send({ type: "leave" });
    this.finish("ended");
  }

  /** Back to the waiting room from a consultation that is over. */
  back(): void {
    if (this.state.room !== null && !["ended", "fault"].includes(this.state.room.phase)) this.finish("ended");
    if (this.state.room !== null) {
      this.mailbox.wipe(this.state.room.consultation);
      this.events.wiped();
    }
    this.state.room = null;
    this.events.changed();
  }

  retryCall(): void {
    this.attempts = 0;
    this.releaseMedia();
    this.askMedia();
    if (this.agreement !== null) this.queue(() => this.startCall());
  }

  /** The envelope's content is on the screen of a visible tab: tells the booth, once. */
  async seen(id: string): Promise<void> {
    if (this.state.seen.has(id) || this.state.connection !== "online") return;
    this.state.seen.add(id);
    const at = Date.now();
    this.station.send({ type: "receipt", id, at, signature: await receiptSignature(id, at, this.identity) });
    this.events.changed();
  }

  /** The decrypted bundles of one consultation as one FHIR collection Bundle. */
  exported(consultation: string): string {
    return this.mailbox.exported(consultation);
  }

  // what the station and the booth say

  private queue(step: () => Promise<Outcome> | Outcome): void {
    this.work = this.work.then(step).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      this.stop(error.key);
    }).then((outcome) => {
      if (outcome !== "curve") this.events.changed();
    });
  }

  private async fromStation(message: FromStation): Promise<void> {
    const { state } = this;
    switch (message.type) {
      case "signed-in":
        state.connection = "online";
        state.specialist = message.name;
        this.look();
        break;
      case "key-directory":
        await this.directory(unbase64(message.octets));
        break;
      case "waiting-room":
        state.entries = message.entries;
        this.comeBack();
        break;
      case "joined":
        if (state.room?.consultation === message.consultation) await this.joined(message.iceServers);
        break;
      case "left":
        if (state.room?.consultation === message.consultation) this.away("booth-away");
        break;
      case "mail":
        await this.mailbox.take(message);
        break;
      case "refused":
        this.refused(message.reason);
        break;
      case "code-made":
        state.codes.set(message.place, { code: make(message.place), expires: message.expires, tries: 0 });
        break;
    }
  }

  private async directory(octets: Bytes): Promise<void> {
    try {
      await this.trust.take(octets);
      this.state.distrust = null;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.state.distrust = error.key;
    }
    this.look();
    if (this.state.unlisted === "key-not-listed" && !this.asked) {
      this.asked = true;
      const { identity, sealing, sign } = this.identity;
      this.station.send({ type: "enrol", request: await requestOf(this.state.specialist, identity, sealing, sign) });
    }
    await this.mailbox.again();
    if (this.agreement !== null) this.trust.entry(unbase64(this.agreement.booth.identity), "booth", Date.now());
  }

  /** Whether the organisation knows this browser's own key. */
  private look(): void {
    try {
      this.trust.entry(this.identity.identity, "specialist", Date.now());
      this.state.unlisted = null;
      forget();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.state.unlisted = error.key;
    }
  }

  private refused(reason: string): void {
    if (reason === "already-joined" || reason === "no-such-consultation") {
      // a booth that has just gone again comes back: who was with it waits
      if (reason === "no-such-consultation" && this.state.room !== null && this.state.room.digits !== "") return this.away("booth-away");
      this.releaseMedia();
      this.state.entryRefused = reason;
      this.forget();
      this.state.room = null;
      return;
    }
    this.state.refusal = reason;
    this.state.connection = "refused";
    this.away("offline");
    this.releaseMedia();
  }

  private down(final: boolean): void {
    this.state.connection = final ? "refused" : "offline";
    this.away("offline");
  }

  /** After a reload or a lost connection: into the room again, as soon as its booth is there. */
  private comeBack(): void {
    const { room } = this.state;
    if (room === null) {
      const stored = sessionStorage.getItem(ROOM);
      if (stored === null) return;
      const known = JSON.parse(stored) as Entry & { proven?: string };
      this.state.room = { ...newRoom(known), proven: known.proven ?? "" };
      this.state.room.phase = "booth-away";
      this.askMedia();
    }
    const wanted = this.state.room;
    if (wanted === null || (wanted.phase !== "offline" && wanted.phase !== "booth-away")) return;
    if (!this.state.entries.some((entry) => entry.consultation === wanted.consultation)) return;
    moment("joined");
    wanted.phase = "joining";
    this.station.send({ type: "join", consultation: wanted.consultation });
  }

  private async joined(servers: IceServer[]): Promise<void> {
    const { room } = this.state;
    if (room === null) return;
    this.cutIfOpen(room);
    this.servers = servers;
    room.phase = "agreeing";
    this.own ??= await certificate();
    await this.identity.renew(Date.now());
    this.handshake = new Handshake(room.consultation, this.state.specialist, this.identity, this.own.fingerprints, (body) =>
      this.station.sendFrame(HANDSHAKE, body), undefined, room.code,
    );
    this.handshake.start();
    this.deadline = setTimeout(() => this.queue(() => Promise.reject(new Fault("handshake-late"))), HANDSHAKE_DEADLINE);
  }

  private async frame(kind: number, body: Uint8Array): Promise<Outcome> {
    if (kind === HANDSHAKE && this.handshake !== null) {
      const agreement = await this.countTries(this.handshake, body);
      if (agreement !== null) await this.agreed(agreement);
    } else if (kind === SEALED && this.agreement !== null) return this.fromBooth(this.agreement.opener.open(body));
    // what is left of a stream before this handshake is not read
  }

  /** Who faces this page may guess the code once each time that the page shows that it knows it. */
  private async countTries(handshake: Handshake, body: Uint8Array): Promise<Agreement | null> {
    const before = handshake.revealed;
    const agreement = await handshake.receive(body);
    const made = this.state.codes.get(this.state.room?.code?.place ?? "");
    if (made === undefined) return agreement;
    if (!before && handshake.revealed) made.tries += 1;
    if (agreement !== null || made.tries >= TRIES) {
      this.state.codes.delete(made.code.place);
      this.station.send({ type: "close-code", place: made.code.place });
    }
    return agreement;
  }

  private async agreed(agreement: Agreement): Promise<void> {
    const { room } = this.state;
    if (room === null) return;
    clearTimeout(this.deadline);
    this.handshake = null;
    if (room.proven !== "" && room.proven !== agreement.booth.identity) throw new Fault("code-wrong", "another booth");
    if (room.code !== null) this.prove(room, agreement.booth.identity);
    room.booth = this.trust.entry(unbase64(agreement.booth.identity), "booth", Date.now())?.name ?? room.booth;
    this.agreement = agreement;
    this.agreedAt = now();
    moment("agreed");
    Object.assign(room, { phase: "open", digits: agreement.digits, verified: false, fault: null });
    this.send(room.resumption.begin());
    await remember(agreement.booth.identity, agreement.booth.name);
    await this.mailbox.again();
    // not awaited: frames go on while the browser asks for the camera
    void this.startCall();
  }

  private prove(room: Room, booth: string): void {
    Object.assign(room, { code: null, proven: booth });
    const { consultation, booth: name, ticket } = room;
    sessionStorage.setItem(ROOM, JSON.stringify({ consultation, booth: name, ticket, proven: booth }));
  }

  private async fromBooth(message: FromBooth): Promise<Outcome> {
    const { room } = this.state;
    if (room === null) return;
    room.resumption.had(message);
    switch (message.type) {
      case "resume":
        room.resumption.resumed(message).forEach((missed) => this.seal(missed));
        break;
      case "situation":
        room.situation = message;
        break;
      case "values":
        this.events.values(message, message.received < this.agreedAt || room.vitals.told(message));
        room.vitals.add(message, now(), message.received < this.agreedAt);
        break;
      case "curve":
        return this.curve(room, message);
      case "device-lost":
        room.vitals.lose(message.device);
        break;
      case "answer":
        await room.call?.answer(message.sdp);
        break;
      case "call-failed":
        room.call?.fail(LOST.has(message.reason) ? "lost" : "booth");
        break;
      case "draft":
        room.draft = message.text;
        break;
      case "media":
        room.left = { picture: message.picture, sound: message.sound };
        void room.call?.giveWay(room.left);
        break;
      case "text":
        room.draft = "";
        room.lines.push({ own: false, text: message.text, at: message.at });
        break;
      case "ended":
        if (this.agreement?.opener.finished !== true) throw new Fault("stream-malformed", "an end that is not the last message");
        room.record = message.record;
        this.finish("ended");
        break;
    }
  }

  private curve(room: Room, message: Curve): Outcome {
    const strip = room.strips.get(message.vital) ?? new Strip(message.vital);
    const shown = strip.received > 0 && room.vitals.freshness(strip.received, now()) === "live";
    room.strips.set(message.vital, strip);
    strip.add(message);
    room.vitals.came(message.received, now());
    this.events.curve(message);
    return shown ? "curve" : undefined;
  }

  // the call

  private askMedia(): void {
    this.localMedia ??= localMedia();
  }

  /** Camera and microphone off, also when the browser only gives them later. */
  private releaseMedia(): void {
    void this.localMedia?.then(({ stream }) => stream?.getTracks().forEach((track) => track.stop()));
    this.localMedia = null;
    if (this.state.room !== null) this.state.room.local = null;
  }

  private async startCall(): Promise<void> {
    const { room, agreement } = { room: this.state.room, agreement: this.agreement };
    if (room === null || agreement === null || this.own === null || this.localMedia === null) return;
    room.call?.close();
    const late = new Promise<{ stream: null; media: Media }>((resolve) =>
      setTimeout(() => resolve({ stream: null, media: "no-decision" }), MEDIA_PATIENCE),
    );
    const { stream, media } = await Promise.race([this.localMedia, late]);
    if (this.agreement !== agreement) return;
    Object.assign(room, { local: stream, media, left: { picture: "moving", sound: "full" } });
    room.call = new Call(this.servers, this.own.certificate, agreement.booth.fingerprints, stream, (message) => this.send(message), () => this.callChanged());
    this.events.changed();
    // the booth's call process is down: it has no fingerprints to show
    if (agreement.booth.fingerprints.length === 0) room.call.fail("booth");
    else await room.call.start();
  }

  /** A call that was lost is begun anew by itself; one that was refused, or that the booth cannot make, is not. */
  private callChanged(): void {
    const call = this.state.room?.call;
    if (call?.state === "connected") this.connectedAt ??= now();
    if (call?.state === "failed") {
      if (this.connectedAt !== null && now() - this.connectedAt > HELD) this.attempts = 0;
      this.connectedAt = null;
      const wait = AGAIN_AFTER[this.attempts];
      if (wait !== undefined && (call.reason === "lost" || call.reason === "no-path")) {
        this.attempts += 1;
        clearTimeout(this.again);
        this.again = setTimeout(() => this.queue(() => this.startCall()), wait);
      }
    }
    this.events.changed();
  }

  // ends

  /** What is numbered is kept, and sent once the booth has said how far it is. */
  private send(message: ToBooth): void {
    const { room } = this.state;
    if (this.agreement === null || room === null) return;
    if (numbered(message)) room.resumption.keep(message);
    if (!numbered(message) || room.resumption.ready) this.seal(message);
  }

  private seal(message: ToBooth): void {
    if (this.agreement !== null) this.station.sendFrame(SEALED, this.agreement.sealer.seal(message));
  }

  private cutIfOpen(room: Room): void {
    if (this.agreement !== null && !this.agreement.opener.finished) room.cut = true;
    this.endStream(room);
  }

  private endStream(room: Room): void {
    clearTimeout(this.deadline);
    clearTimeout(this.again);
    this.attempts = 0;
    this.connectedAt = null;
    this.handshake = null;
    this.agreement = null;
    room.call?.close();
    room.call = null;
    room.draft = "";
    room.vitals.loseAll();
  }

  /** The other end, or the way to it, is gone for now. */
  private away(phase: "booth-away" | "offline"): void {
    const { room } = this.state;
    if (room === null || room.phase === "ended" || room.phase === "fault") return;
    this.cutIfOpen(room);
    room.phase = phase;
  }

  /** Something is not as it must be: shows why and leaves. */
  private stop(key: FaultKey): void {
    const { room } = this.state;
    if (room === null) return;
    if (this.agreement !== null && key === "codes-differ") this.send({ type: "leave" });
    room.fault = key;
    this.finish("fault");
  }

  private finish(phase: "ended" | "fault"): void {
    const { room } = this.state;
    if (room === null) return;
    this.endStream(room);
    room.phase = phase;
    this.releaseMedia();
    this.forget();
    this.station.send({ type: "close-room", consultation: room.consultation });
    this.events.changed();
  }

  private forget(): void {
    sessionStorage.removeItem(ROOM);
  }
}

function newRoom(entry: Pick<Entry, "consultation" | "booth" | "ticket">): Room {
  return {
    consultation: entry.consultation, booth: entry.booth, ticket: entry.ticket, phase: "joining", fault: null, cut: false, digits: "",
    verified: false, situation: null, vitals: new Vitals(), strips: new Map(), lines: [], draft: "", left: { picture: "moving", sound: "full" }, call: null, media: "asking", local: null,
    reportSent: false, record: "", resumption: new Resumption(), code: null, proven: "",
  };
}
