// What the mailbox at the station has brought: envelopes, opened with this browser's keys. Nothing here is kept on a disk.

import type { Mail } from "../messages";
import { collection, type Json, parseExact, type Settled, settledOf } from "./bundle";
import { textOf, unbase64 } from "./bytes";
import type { Trust } from "./directory";
import { EnvelopeError, openEnvelope } from "./envelope";
import { Fault } from "./fault";
import { type Identity, remembered } from "./keys";
import { Parts } from "./parts";
import { type Photo, photoOf } from "./photos";

export interface ActRecord {
  id: string;
  consultation: string;
  booth: string;
  created: string;
  json: string;
}

/** What the views show of it. */
export interface Opened {
  settled: Settled[];
  records: ActRecord[];
  photos: Photo[];
  /** Envelopes seen: a receipt was sent for these. */
  seen: Set<string>;
  /** Envelopes that could not be opened. */
  unreadable: number;
}

export class Mailbox {
  private readonly bundles = new Map<string, { consultation: string; json: Json }>();
  /** From booths that may become known: as soon as the directory, or a handshake, has named them. */
  private readonly unopened = new Map<string, Mail>();
  private readonly parts = new Parts();

  constructor(private readonly identity: Identity, private readonly trust: Trust, private readonly shown: Opened) {}

  /** One envelope. */
  async take(message: Mail): Promise<void> {
    if (this.bundles.has(message.id) || this.shown.records.some((record) => record.id === message.id)) {
      // the station still has it: the receipt was lost on its way
      this.shown.seen.delete(message.id);
      return;
    }
    if (this.parts.has(message.id)) {
      const whole = this.wholes.find(({ envelopes }) => envelopes.includes(message.id));
      if (whole !== undefined) this.shown.seen.delete(whole.id);
      return;
    }
    const booth = await this.sender(message.sender);
    if (booth === undefined) {
      this.unopened.set(message.id, message);
      return;
    }
    this.unopened.delete(message.id);
    if (booth === null) {
      this.shown.unreadable += 1;
      return;
    }
    try {
      const opened = await openEnvelope(message.id, unbase64(message.sender, 32), unbase64(message.envelope), this.identity);
      const { kind, consultation, payload } = opened;
      if (kind === "part") await this.part(message, consultation, booth, payload);
      else if (kind === "observation") this.shown.settled.push(settledOf(message.id, consultation, booth, this.keep(message.id, consultation, textOf(payload))));
      else this.shown.records.push({ id: message.id, consultation, booth, created: opened.created, json: record(textOf(payload)) });
    } catch (error) {
      if (!(error instanceof EnvelopeError || error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError)) throw error;
      this.shown.unreadable += 1;
    }
  }

  private keep(id: string, consultation: string, payload: string): Json {
    const json = parseExact(payload);
    this.bundles.set(id, { consultation, json });
    return json;
  }

  private async part(message: Mail, consultation: string, booth: string, payload: Uint8Array): Promise<void> {
    const whole = this.parts.take(message.id, message.sender, consultation, payload);
    if (whole === null) return;
    if (whole.kind === "sound") {
      const json = this.keep(whole.id, consultation, textOf(whole.payload));
      this.shown.settled.push({ ...settledOf(whole.id, consultation, booth, json), envelopes: whole.envelopes });
      return;
    }
    if (whole.kind !== "photo") throw new EnvelopeError("a whole of unknown kind");
    this.shown.photos.push(await photoOf(whole.id, whole.envelopes, consultation, booth, this.keep(whole.id, consultation, textOf(whole.payload))));
  }

  private get wholes(): { id: string; envelopes: string[] }[] {
    return [...this.shown.photos, ...this.shown.settled];
  }

  /** The envelopes of what is shown under this id. */
  envelopes(id: string): string[] {
    return this.wholes.find((whole) => whole.id === id)?.envelopes ?? [id];
  }

  /** Another booth is known: what waited for its name. */
  async again(): Promise<void> {
    for (const mail of [...this.unopened.values()]) await this.take(mail);
  }

  /** The decrypted bundles of one consultation as one FHIR collection Bundle. */
  exported(consultation: string): string {
    return collection([...this.bundles.values()].filter((bundle) => bundle.consultation === consultation).map(({ json }) => json), new Date());
  }

  /** Nothing of a consultation stays in this page after it. */
  wipe(consultation: string): void {
    for (const [id, bundle] of this.bundles) if (bundle.consultation === consultation) this.bundles.delete(id);
    this.shown.settled = this.shown.settled.filter((item) => item.consultation !== consultation);
    this.shown.records = this.shown.records.filter((item) => item.consultation !== consultation);
    this.parts.wipe(consultation);
    for (const { consultation: of, url } of this.shown.photos) if (of === consultation && url !== null) URL.revokeObjectURL(url);
    this.shown.photos = this.shown.photos.filter((item) => item.consultation !== consultation);
  }

  /** The name of the booth with this key; undefined while it may become known, null when its envelopes are refused. */
  private async sender(key: string): Promise<string | null | undefined> {
    if (!this.trust.organised) return remembered(key);
    try {
      return this.trust.entry(unbase64(key, 32), "booth", Date.now())?.name;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return error.key === "directory-missing" || error.key === "directory-expired" ? undefined : null;
    }
  }
}

/** The text of an act record. Throws SyntaxError when it is no JSON. */
function record(json: string): string {
  parseExact(json);
  return json;
}
