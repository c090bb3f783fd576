// What the mailbox at the station has brought: envelopes, opened with this browser's keys. Nothing here is kept on a disk.

import type { Mail } from "../messages";
import { collection, type Json, parseExact, type Settled, settledOf } from "./bundle";
import { unbase64 } from "./bytes";
import type { Trust } from "./directory";
import { EnvelopeError, openEnvelope } from "./envelope";
import { Fault } from "./fault";
import { type Identity, remembered } from "./keys";

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
  /** Envelopes seen: a receipt was sent for these. */
  seen: Set<string>;
  /** Envelopes that could not be opened. */
  unreadable: number;
}

export class Mailbox {
  private readonly bundles = new Map<string, { consultation: string; json: Json }>();
  /** From booths that may become known: as soon as the directory, or a handshake, has named them. */
  private readonly unopened = new Map<string, Mail>();

  constructor(private readonly identity: Identity, private readonly trust: Trust, private readonly shown: Opened) {}

  /** One envelope. */
  async take(message: Mail): Promise<void> {
    if (this.bundles.has(message.id) || this.shown.records.some((record) => record.id === message.id)) {
      // the station still has it: the receipt was lost on its way
      this.shown.seen.delete(message.id);
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
      const json = parseExact(opened.payload);
      if (opened.kind === "observation") {
        this.bundles.set(message.id, { consultation: opened.consultation, json });
        this.shown.settled.push(settledOf(message.id, opened.consultation, booth, json));
      } else this.shown.records.push({ id: message.id, consultation: opened.consultation, booth, created: opened.created, json: opened.payload });
    } catch (error) {
      if (!(error instanceof EnvelopeError || error instanceof SyntaxError || error instanceof RangeError)) throw error;
      this.shown.unreadable += 1;
    }
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
