// CPace with ristretto255 and SHA-512 (draft-irtf-cfrg-cpace): the page is the initiator. Twin of kiosk/secure/cpace.py.

import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, utf8 } from "./bytes";

const DSI = utf8("CPaceRistretto255");
const BLOCK = 128;
const { Point } = ristretto255;

/** The other end's share is not an element of the group. */
export class ShareError extends Error {}

function prependLength(data: Uint8Array): Bytes {
  const length: number[] = [];
  let left = data.length;
  do {
    const low = left & 0x7f;
    left >>= 7;
    length.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return concat(Uint8Array.from(length), data);
}

const cat = (...parts: Uint8Array[]): Bytes => concat(...parts.map(prependLength));

export function generatorString(code: Uint8Array, channel: Uint8Array, session: Uint8Array): Bytes {
  const pad = Math.max(0, BLOCK - prependLength(code).length - prependLength(DSI).length - 1);
  return cat(DSI, code, new Uint8Array(pad), channel, session);
}

export const transcriptIr = (initiator: Uint8Array, responder: Uint8Array, first = new Uint8Array(), second = new Uint8Array()): Bytes =>
  concat(cat(initiator, first), cat(responder, second));

/** A fresh scalar of 252 bits. */
export function sampleScalar(): Uint8Array {
  const scalar = crypto.getRandomValues(new Uint8Array(32));
  scalar[31]! &= 0x0f;
  return scalar;
}

function number(scalar: Uint8Array): bigint {
  return scalar.reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n) % Point.Fn.ORDER;
}

export const generator = (code: Uint8Array, channel: Uint8Array, session: Uint8Array): InstanceType<typeof Point> =>
  ristretto255_hasher.deriveToCurve!(sha512(generatorString(code, channel, session)));

export const share = (scalar: Uint8Array, base: InstanceType<typeof Point>): Uint8Array => base.multiply(number(scalar)).toBytes();

/** The 64 octets that both ends have in common if their codes were the same. Throws ShareError. */
export function intermediateKey(scalar: Uint8Array, theirs: Uint8Array, session: Uint8Array, transcript: Uint8Array): Uint8Array {
  const product = times(scalar, theirs);
  if (product === null) throw new ShareError("not an element of the group");
  return sha512(concat(cat(concat(DSI, utf8("_ISK")), session, product), transcript));
}

/** Null for what is no element, and for the identity. */
export function times(scalar: Uint8Array, theirs: Uint8Array): Uint8Array | null {
  try {
    const element = Point.fromBytes(theirs);
    return element.is0() ? null : element.multiply(number(scalar)).toBytes();
  } catch {
    return null;
  }
}
