// Numbered messages of one consultation over all its streams: the page's side of kiosk/secure/resumption.py.

import type { FromBooth, Resume, ToBooth } from "../messages";

const TYPES = new Set(["text", "ask", "report"]);

/** Whether this message may not be lost in a cut. */
export const numbered = (message: FromBooth | ToBooth): boolean => TYPES.has(message.type) || (message.type === "values" && message.settled);

export class Resumption {
  private readonly log: ToBooth[] = [];
  private theirs = "";
  private received = 0;
  /** Whether the booth has said how far it is: numbered messages wait until then. */
  ready = false;

  constructor(private readonly id: string = crypto.randomUUID()) {}

  /** The first message of a new stream. */
  begin(): Resume {
    this.ready = false;
    return { type: "resume", log: this.id, of: this.theirs, received: this.received };
  }

  keep(message: ToBooth): void {
    this.log.push(message);
  }

  /** The booth has said how far it is: the messages to send now. */
  resumed(theirs: Resume): ToBooth[] {
    if (theirs.log !== this.theirs) {
      this.theirs = theirs.log;
      this.received = 0;
    }
    this.ready = true;
    return theirs.of === this.id ? this.log.slice(Math.max(0, theirs.received)) : [...this.log];
  }

  /** Counts what came. */
  had(message: FromBooth): void {
    if (numbered(message)) this.received += 1;
  }
}
