// Payloads that were too large for one envelope: put together again from the parts (kiosk/secure/parts.py, docs/crypto.md).

import { type Bytes, concat, fieldsOf, textOf } from "./bytes";

export interface Whole {
  id: string;
  kind: string;
  payload: Bytes;
  /** The envelopes that it came in. */
  envelopes: string[];
}

/** No photograph has more. */
const MOST = 10_000;

export class Parts {
  private readonly begun = new Map<string, { kind: string; consultation: string; count: number; got: Map<number, { envelope: string; piece: Uint8Array }> }>();
  private readonly known = new Set<string>();

  /** Whether this envelope was taken already. */
  has(envelope: string): boolean {
    return this.known.has(envelope);
  }

  /** One part, opened; the whole once it is the last that was missing. Throws RangeError on what is no part of it. */
  take(envelope: string, sender: string, consultation: string, payload: Uint8Array): Whole | null {
    const [idField, kindField, numberField, countField, piece] = fieldsOf(payload, 5) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [id, kind, number, count] = [textOf(idField), textOf(kindField), u32(numberField), u32(countField)];
    if (count < 1 || count > MOST || number >= count || envelope !== `${id}.${number}`) throw new RangeError("no part of a whole");
    // what another booth has signed is no part of this one's
    const key = `${sender} ${id}`;
    const whole = this.begun.get(key) ?? { kind, consultation, count, got: new Map() };
    if (whole.kind !== kind || whole.count !== count || whole.consultation !== consultation) throw new RangeError("a part of another whole");
    this.begun.set(key, whole);
    this.known.add(envelope);
    whole.got.set(number, { envelope, piece: piece.slice() });
    if (whole.got.size < count) return null;
    this.begun.delete(key);
    const ordered = Array.from({ length: count }, (_, at) => whole.got.get(at)!);
    return { id, kind, payload: concat(...ordered.map((part) => part.piece)), envelopes: ordered.map((part) => part.envelope) };
  }

  /** Nothing of a consultation stays. */
  wipe(consultation: string): void {
    for (const [key, whole] of this.begun) if (whole.consultation === consultation) this.begun.delete(key);
  }
}

function u32(field: Uint8Array): number {
  if (field.length !== 4) throw new RangeError("no number");
  return new DataView(field.buffer, field.byteOffset, 4).getUint32(0);
}
