// The organisation's directory of keys (docs/crypto.md, protocol/directory.py): read, verified, pinned in this browser.

import sodium from "libsodium-wrappers";
import { base64, type Bytes, fieldsOf, lp, same, textOf, unbase64 } from "./bytes";
import { Fault, type FaultKey } from "./fault";
import { recall, store } from "./keys";

export type Kind = "booth" | "specialist";

export interface Entry {
  kind: Kind;
  name: string;
  role: string;
  identity: Uint8Array;
  sealing: Uint8Array;
  since: number;
  until: number;
}

export interface Directory {
  organisation: Uint8Array;
  successions: Uint8Array[];
  epoch: number;
  number: number;
  issued: number;
  until: number;
  entries: Entry[];
  revocations: { identity: Uint8Array; at: number; reason: string }[];
}

export interface Pin {
  organisation: Bytes;
  epoch: number;
  number: number;
}

const LABEL = "telecabine-directory-v1";
const SIZE = 180 * 1024;
const KINDS: Kind[] = ["booth", "specialist"];
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const hash = (octets: Uint8Array): Uint8Array => sodium.crypto_generichash(32, octets, null);

/** The pin of its text form, as `telecabine org show` prints it; null when it is none. */
export function pinOf(text: string): Pin | null {
  const found = /^([A-Za-z0-9_-]{43})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,15})$/.exec(text);
  if (found === null) return null;
  try {
    return { organisation: unbase64(found[1]!.replaceAll("-", "+").replaceAll("_", "/") + "=", 32), epoch: Number(found[2]), number: Number(found[3]) };
  } catch {
    return null;
  }
}

/** Six groups of five digits: group i is octets 5 i to 5 i + 4 of the hash as an integer, modulo 100,000. */
export function digits(octets: Uint8Array): string {
  const digest = hash(octets);
  return [0, 5, 10, 15, 20, 25].map((at) => {
    const number = digest.subarray(at, at + 5).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) % 100_000n;
    return number.toString().padStart(5, "0");
  }).join(" ");
}

/** What people compare when a key is enrolled. */
export const fingerprint = (kind: Kind, identity: Uint8Array, sealing: Uint8Array): string =>
  digits(lp("telecabine-fingerprint-v1", Uint8Array.of(KINDS.indexOf(kind) + 1), identity, sealing));

/** The directory of a file, if it is whole and of this organisation. Throws Fault. */
export function openDirectory(octets: Uint8Array, organisation: Uint8Array): Directory {
  const read = malformed(() => parse(octets));
  if (!same(read.directory.organisation, organisation)) throw new Fault("directory-other-organisation");
  if (!sodium.crypto_sign_verify_detached(read.signature, read.body, rootOf(read))) throw new Fault("directory-signature");
  return read.directory;
}

/** The directory of `octets` if it takes the place of `held`; null when it is the same one. Throws Fault. */
export function newer(octets: Uint8Array, held: Uint8Array | null, floor: Pin): Directory | null {
  const directory = openDirectory(octets, floor.organisation);
  if (before(directory, floor)) throw new Fault("directory-old");
  if (held === null) return directory;
  if (same(octets, held)) return null;
  const last = parse(held).directory;
  if (before(directory, last)) throw new Fault("directory-old");
  if (directory.epoch === last.epoch && directory.number === last.number) throw new Fault("directory-forked");
  const history = last.successions.every((item, at) => directory.successions[at] !== undefined && same(item, directory.successions[at]));
  if (directory.epoch === last.epoch && !history) throw new Fault("directory-forked");
  return directory;
}

/** The valid entry of this key. Throws Fault. */
export function entryOf(directory: Directory, identity: Uint8Array, kind: Kind, now: number): Entry {
  const fail = (key: FaultKey): never => {
    throw new Fault(key);
  };
  if (now >= directory.until) fail("directory-expired");
  if (directory.revocations.some((item) => same(item.identity, identity))) fail("key-revoked");
  const found = directory.entries.find((item) => same(item.identity, identity)) ?? fail("key-not-listed");
  if (found.kind !== kind) fail("key-other-kind");
  if (now < found.since) fail("key-not-yet-valid");
  if (now >= found.until) fail("key-expired");
  return found;
}

const before = (a: { epoch: number; number: number }, b: { epoch: number; number: number }): boolean =>
  a.epoch < b.epoch || (a.epoch === b.epoch && a.number < b.number);

interface Read {
  directory: Directory;
  root: Uint8Array;
  recovery: Uint8Array;
  body: Uint8Array;
  signature: Uint8Array;
}

function malformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("directory-malformed", error instanceof Error ? error.message : "");
  }
}

function exactly(field: Uint8Array, size: number): Uint8Array {
  if (field.length !== size) throw new RangeError(`${field.length} octets instead of ${size}`);
  return field;
}

function numberOf(field: Uint8Array, size: number): number {
  const value = exactly(field, size).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  if (value >= 1n << 53n) throw new RangeError("a number that is too large");
  return Number(value);
}

function wordsOf(field: Uint8Array, empty: boolean): string {
  const text = textOf(field);
  if ([...text].length > 120 || UNFIT.test(text) || (!empty && text.trim() === "")) throw new RangeError("a text that cannot be shown");
  return text;
}

function chosen<T>(field: Uint8Array, of: T[]): T {
  const value = of[numberOf(field, 1) - 1];
  if (value === undefined) throw new RangeError("a kind that does not exist");
  return value;
}

function parse(octets: Uint8Array): Read {
  if (octets.length > SIZE) throw new RangeError("too large");
  const [body, signature] = fieldsOf(octets, 2) as [Uint8Array, Uint8Array];
  exactly(signature, 64);
  const fields = fieldsOf(body, 9) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const [label, root, recovery, successions, number, issued, until, entries, revocations] = fields;
  if (textOf(label) !== LABEL) throw new RangeError("another version");
  exactly(root, 32);
  exactly(recovery, 32);
  const chain = fieldsOf(successions);
  const last = chain.length === 0 ? null : fieldsOf(chain[chain.length - 1]!, 6);
  const directory: Directory = {
    organisation: hash(lp("telecabine-organisation-v1", root, recovery)),
    successions: chain,
    epoch: last === null ? 0 : numberOf(last[1]!, 4),
    number: numberOf(number, 8), issued: numberOf(issued, 8), until: numberOf(until, 8),
    entries: fieldsOf(entries).map(entry),
    revocations: fieldsOf(revocations).map((item) => {
      const [identity, at, reason] = fieldsOf(item, 3) as [Uint8Array, Uint8Array, Uint8Array];
      return { identity: exactly(identity, 32), at: numberOf(at, 8), reason: wordsOf(reason, false) };
    }),
  };
  const listed = directory.entries.map((item) => sodium.to_hex(item.identity));
  const revoked = directory.revocations.map((item) => sodium.to_hex(item.identity));
  for (const keys of [listed, revoked]) if (keys.some((key, at) => at > 0 && keys[at - 1]! >= key)) throw new RangeError("keys out of order");
  if (listed.some((key) => revoked.includes(key))) throw new RangeError("a key is listed and revoked");
  return { directory, root, recovery, body, signature };
}

function entry(octets: Uint8Array): Entry {
  const [kind, name, role, identity, sealing, since, until] = fieldsOf(octets, 7) as
    [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    kind: chosen(kind, KINDS), name: wordsOf(name, false), role: wordsOf(role, true), identity: exactly(identity, 32),
    sealing: exactly(sealing, 32), since: numberOf(since, 8), until: numberOf(until, 8),
  };
}

/** The root that must have signed: each succession is signed by the key before it. */
function rootOf(read: Read): Uint8Array {
  let { root, recovery } = read;
  let [epoch, generation] = [0, 0];
  for (const item of read.directory.successions) {
    const [signer, itsEpoch, itsGeneration, newRoot, newRecovery, signature] = malformed(() => fieldsOf(item, 6)) as
      [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const by = malformed(() => chosen(signer, ["root", "recovery"]));
    const place = malformed(() => [numberOf(itsEpoch, 4), numberOf(itsGeneration, 4)]);
    malformed(() => [exactly(newRoot, 32), exactly(newRecovery, 32), exactly(signature, 64)]);
    const follows = by === "root" ? place[0] === epoch && place[1] === generation + 1 && same(newRecovery, recovery) : place[0] === epoch + 1 && place[1] === 0;
    const statement = lp("telecabine-succession-v1", read.directory.organisation, signer, itsEpoch, itsGeneration, newRoot, newRecovery);
    if (!follows || !sodium.crypto_sign_verify_detached(signature, statement, by === "root" ? root : recovery)) throw new Fault("directory-signature");
    [root, recovery, epoch, generation] = [newRoot, newRecovery, place[0]!, place[1]!];
  }
  return root;
}

/** What this browser believes about keys. */
export class Trust {
  private directory: Directory | null = null;

  private constructor(private readonly pin: Pin | null, private octets: Bytes | null) {
    try {
      if (pin !== null && octets !== null) this.directory = newer(octets, null, pin);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.octets = null; // a newer one is known to exist
    }
  }

  /** The kept organisation, or the one of the link that is opened first. Throws Fault when the link is of another one. */
  static async open(link: Pin | null): Promise<Trust> {
    const kept = await recall<Pin>("pin");
    if (kept !== undefined && link !== null && !same(kept.organisation, link.organisation)) throw new Fault("directory-other-organisation");
    const pin = kept === undefined || (link !== null && before(kept, link)) ? link : kept;
    if (pin !== null) await store("pin", pin);
    return new Trust(pin, (await recall<Bytes>("directory")) ?? null);
  }

  get organised(): boolean {
    return this.pin !== null;
  }

  /** Takes over a directory that the station gave; it is kept before it counts. Throws Fault. */
  async take(octets: Bytes): Promise<void> {
    if (this.pin === null) return;
    const found = newer(octets, this.octets, this.pin);
    if (found === null) return;
    await store("directory", octets);
    [this.directory, this.octets] = [found, octets];
  }

  /** The directory's entry; null when there is no organisation. Throws Fault. */
  entry(identity: Uint8Array, kind: Kind, now: number): Entry | null {
    if (this.pin === null) return null;
    if (this.directory === null) throw new Fault("directory-missing");
    return entryOf(this.directory, identity, kind, now);
  }

  /** What people compare of the organisation itself, empty without one. */
  get mark(): string {
    return this.pin === null ? "" : digits(lp("telecabine-organisation-mark-v1", this.pin.organisation));
  }
}

/** The text with which this browser asks to be listed (protocol/enrolment.py). */
export async function requestOf(name: string, identity: Bytes, sealing: Bytes, sign: (message: Bytes) => Promise<Bytes>): Promise<string> {
  const body = lp(Uint8Array.of(2), name, identity, sealing);
  const signature = await sign(lp("telecabine-enrolment-v1", body));
  return base64(lp(signature, body)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
