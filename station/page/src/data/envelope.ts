// Envelopes of the mailbox: sealed to this specialist, signed inside by the booth (docs/crypto.md).

import sodium from "libsodium-wrappers";
import { base64, fieldsOf, lp, same, textOf, u64, unbase64 } from "./bytes";
import type { Identity } from "./keys";

export class EnvelopeError extends Error {}

export interface Opened {
  id: string;
  kind: string;
  consultation: string;
  sequence: number;
  created: string;
  payload: Uint8Array;
}

/** What is in an envelope from the booth `sender`. Throws EnvelopeError on anything that is not exactly that. */
export async function openEnvelope(id: string, sender: Uint8Array, envelope: Uint8Array, own: Identity): Promise<Opened> {
  // version 1 had no padding
  if ((envelope[0] !== 1 && envelope[0] !== 2) || envelope[1] !== 1) throw new EnvelopeError("an unknown version");
  const plain = await own.open(envelope.subarray(2));
  if (plain === null) throw new EnvelopeError("not sealed for this page, or altered");
  try {
    const [signature, header, payload, padding] = fieldsOf(plain, envelope[0] === 1 ? 3 : 4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array?];
    if (padding?.some((octet) => octet !== 0) === true) throw new EnvelopeError("padding that says something");
    if (!sodium.crypto_sign_verify_detached(signature, lp("telecabine-envelope-v1", header, payload), sender)) throw new EnvelopeError("not signed by this booth");
    const fields = JSON.parse(textOf(header)) as Record<string, unknown>;
    const { kind, consultation, sequence, created } = fields;
    if (fields["id"] !== id || typeof kind !== "string" || typeof consultation !== "string" || typeof sequence !== "number" || typeof created !== "string")
      throw new EnvelopeError("a malformed header");
    if (typeof fields["recipient"] !== "string" || !same(unbase64(fields["recipient"]), own.identity)) throw new EnvelopeError("for another specialist");
    return { id, kind, consultation, sequence, created, payload };
  } catch (error) {
    throw error instanceof EnvelopeError ? error : new EnvelopeError("malformed");
  }
}

/** The signature that says that an envelope was seen at `at` (ms since the epoch). */
export async function receiptSignature(id: string, at: number, own: Identity): Promise<string> {
  return base64(await own.sign(lp("telecabine-receipt-v1", id, u64(at))));
}
