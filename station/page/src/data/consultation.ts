// One specialist's session at the station: waiting room, mailbox, directory, codes, and the visit to a booth, as one state that the views show.

import type { Curve, Entry, FromStation, Values } from "../messages";
import { unbase64 } from "./bytes";
import type { Trust } from "./directory";
import { receiptSignature } from "./envelope";
import { Fault } from "./fault";
import { type Invitation, keepGuest } from "./guest";
import type { Identity } from "./keys";
import { Mailbox, type Opened } from "./mailbox";
import { type PatientCode, PatientCodes } from "./patient-codes";
import { keepRoom, keptRoom, newRoom, type Room } from "./room";
import { type Judged, Standing } from "./standing";
import { Station } from "./station";
import { type Outcome, Visit } from "./visit";

/** What the views show. */
export interface State extends Opened, Judged {
  connection: "connecting" | "online" | "offline" | "refused";
  /** Reason of the station's refusal (text key "refused.…"). */
  refusal: string;
  /** Why the last attempt to enter a room failed (text key "refused.…"). */
  entryRefused: string;
  entries: Entry[];
  room: Room | null;
  /** The specialist's own codes for patients, by their place. */
  codes: ReadonlyMap<string, PatientCode>;
  /** Why the station makes no other code (text key "refused.…"). */
  codeRefused: string;
}

export interface Events {
  changed(): void;
  /** Values that the next paint will show; `history` when they were received before this stream began, or are told again. */
  values(message: Values, history: boolean): void;
  curve(message: Curve): void;
  /** What was shown of a consultation is to be forgotten. */
  wiped(): void;
}

export class Consultation {
  readonly state: State;
  /** The room that the specialist is in, or has just left. */
  visit: Visit | null = null;
  private readonly station: Station;
  private readonly mailbox: Mailbox;
  private readonly standing: Standing;
  private readonly codes = new PatientCodes((place) => this.station.send({ type: "close-code", place }));
  // frames are handled one after the other: signing takes a turn of the event loop
  private work: Promise<void> = Promise.resolve();

  /** `guest`: who the reader of this page is, when he has come by an invitation. */
  constructor(
    private readonly identity: Identity, readonly trust: Trust, token: string, private readonly events: Events,
    private readonly guest: Invitation | null = null,
  ) {
    this.state = {
      connection: "connecting", refusal: "", entryRefused: "", specialist: "", distrust: null, unlisted: null, entries: [], room: null, settled: [],
      records: [], photos: [], seen: new Set(), unreadable: 0, codes: this.codes.made, codeRefused: "",
    };
    this.mailbox = new Mailbox(identity, trust, this.state);
    this.standing = new Standing(trust, identity, this.state, guest === null ? (request) => this.station.send({ type: "enrol", request }) : null);
    this.station = new Station(identity, token, guest === null || guest.code === null || Station.known ? null : { place: guest.code.place, name: guest.name }, {
      message: (message) => this.queue(() => this.fromStation(message)),
      frame: (kind, body) => this.queue(() => this.visit?.frame(kind, body)),
      down: (final) => this.queue(() => this.down(final)),
    });
    this.station.connect();
  }

  // what the specialist does

  enter(entry: Pick<Entry, "consultation" | "booth" | "ticket" | "code">): void {
    const room = newRoom(entry, this.guest !== null);
    room.code = this.guest !== null ? this.guest.code : this.codes.of(entry.code ?? "");
    keepRoom(room);
    this.state.entryRefused = "";
    this.go(room).join();
    this.events.changed();
  }

  /** Asks the station for a place; the code is in `state.codes` once it is there. */
  makeCode(): void {
    this.state.codeRefused = "";
    this.station.send({ type: "make-code" });
  }

  cancelCode(place: string): void {
    this.codes.cancel(place);
    this.state.codeRefused = "";
    this.events.changed();
  }

  /** Back to the waiting room from a consultation that is over. */
  back(): void {
    if (this.visit !== null) {
      if (!this.visit.over) this.visit.finish("ended");
      this.mailbox.wipe(this.visit.room.consultation);
      this.events.wiped();
    }
    this.go(null);
    this.events.changed();
  }

  /** What came under this id is on the screen of a visible tab: tells the booth, once, for each of its envelopes. */
  async seen(id: string): Promise<void> {
    if (this.state.seen.has(id) || this.state.connection !== "online") return;
    this.state.seen.add(id);
    const at = Date.now();
    for (const envelope of this.mailbox.envelopes(id))
      this.station.send({ type: "receipt", id: envelope, at, signature: await receiptSignature(envelope, at, this.identity) });
    this.events.changed();
  }

  /** The decrypted bundles of one consultation as one FHIR collection Bundle. */
  exported(consultation: string): string {
    return this.mailbox.exported(consultation);
  }

  // what the station says

  private queue(step: () => Promise<Outcome> | Outcome): void {
    this.work = this.work.then(step).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      this.visit?.stop(error.key);
    }).then((outcome) => {
      if (outcome !== "curve") this.events.changed();
    });
  }

  private async fromStation(message: FromStation): Promise<void> {
    const { state, visit } = this;
    switch (message.type) {
      case "signed-in":
        state.connection = "online";
        state.specialist = message.name;
        await this.standing.look();
        break;
      case "key-directory":
        await this.standing.take(unbase64(message.octets));
        await this.mailbox.again();
        visit?.checkBooth();
        break;
      case "waiting-room":
        state.entries = message.entries;
        this.comeBack();
        break;
      case "joined":
        if (visit?.room.consultation === message.consultation) await visit.joined(state.specialist, message.iceServers);
        break;
      case "left":
        if (visit?.room.consultation === message.consultation) visit.away("booth-away");
        break;
      case "mail":
        await this.mailbox.take(message);
        break;
      case "refused":
        this.refused(message.reason);
        break;
      case "code-made":
        this.codes.add(message);
        break;
    }
  }

  private refused(reason: string): void {
    const { state, visit } = this;
    if (reason === "dismissed" && visit?.over === true) return; // a guest who has left, or has been told
    if (reason === "code-too-many") {
      state.codeRefused = reason;
      return;
    }
    if (reason === "already-joined" || reason === "no-such-consultation") {
      // a booth that has just gone again comes back: who was with it waits
      if (reason === "no-such-consultation" && visit !== null && visit.room.digits !== "") return visit.away("booth-away");
      state.entryRefused = reason;
      visit?.release();
      this.go(null);
      return;
    }
    state.refusal = reason;
    state.connection = "refused";
    visit?.away("offline");
    visit?.releaseMedia();
  }

  private down(final: boolean): void {
    this.state.connection = final ? "refused" : "offline";
    this.visit?.away("offline");
  }

  /** After a reload or a lost connection: into the room again, as soon as its booth is there. */
  private comeBack(): void {
    const kept = this.visit === null ? keptRoom(this.guest !== null) : null;
    if (kept !== null) this.go(kept).room.phase = "booth-away";
    const { room } = this.state;
    // a guest has come for one consultation
    if (this.guest !== null && kept === null && this.visit === null && this.state.entries[0] !== undefined) return this.enter(this.state.entries[0]);
    if (room === null || (room.phase !== "offline" && room.phase !== "booth-away")) return;
    if (this.state.entries.some((entry) => entry.consultation === room.consultation)) this.visit?.join();
  }

  private codeServed(): void {
    if (this.guest !== null) keepGuest({ ...this.guest, code: (this.guest.code = null) });
  }

  private go(room: Room): Visit;
  private go(room: null): null;
  private go(room: Room | null): Visit | null {
    this.state.room = room;
    this.visit = room === null ? null : new Visit(room, this.identity, this.trust, {
      station: this.station, codes: this.codes, changed: () => this.events.changed(), values: this.events.values, curve: this.events.curve,
      codeServed: () => this.codeServed(), boothKnown: () => this.mailbox.again(), queue: (step) => this.queue(step),
    });
    return this.visit;
  }
}
