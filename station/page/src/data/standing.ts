// What the organisation says of this browser's own key, and what is wrong with the directory that the station gives.

import type { Bytes } from "./bytes";
import { requestOf, type Trust } from "./directory";
import { Fault, type FaultKey } from "./fault";
import { forget, type Identity } from "./keys";

/** What the views show of it. */
export interface Judged {
  specialist: string;
  /** What an organisation's directory that came is refused for; the one before it stays in force. */
  distrust: FaultKey | null;
  /** Why this browser's own key does not count; null when it does, or when there is no organisation. */
  unlisted: FaultKey | null;
}

export class Standing {
  private asked = false;

  /** `enrol` asks the organisation, through the station, to list this key; null for a guest, whose key it does not need to know. */
  constructor(
    private readonly trust: Trust, private readonly identity: Identity, private readonly shown: Judged,
    private readonly enrol: ((request: string) => void) | null,
  ) {}

  /** A directory has come. */
  async take(octets: Bytes): Promise<void> {
    this.shown.distrust = await faultOf(() => this.trust.take(octets));
    await this.look();
    if (this.enrol !== null && this.shown.unlisted === "key-not-listed" && !this.asked) {
      this.asked = true;
      const { identity, sealing, sign } = this.identity;
      this.enrol(await requestOf(this.shown.specialist, identity, sealing, sign));
    }
  }

  /** Whether the organisation knows this browser's own key. */
  async look(): Promise<void> {
    if (this.enrol === null) return;
    this.shown.unlisted = await faultOf(() => this.trust.entry(this.identity.identity, "specialist", Date.now()));
    if (this.shown.unlisted === null) forget();
  }
}

async function faultOf(step: () => unknown): Promise<FaultKey | null> {
  try {
    await step();
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.key;
  }
}
