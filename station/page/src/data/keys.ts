// The specialist's keys: born here, kept in IndexedDB, the private halves not extractable.

import { hsalsa } from "@noble/ciphers/salsa.js";
import { u32 } from "@noble/ciphers/utils.js";
import sodium from "libsodium-wrappers";
import type { Prekey } from "../messages";
import { base64, type Bytes, concat, lp, u64, unbase64 } from "./bytes";

const SIGMA = u32(new TextEncoder().encode("expand 32-byte k"));

interface Stored {
  sign: CryptoKeyPair;
  seal: CryptoKeyPair;
}

/** How long a prekey is used, and how long its private half is kept after that, in ms (docs/crypto.md). */
export const WEEK = 7 * 86_400_000;
export const KEPT = 30 * 86_400_000;

interface StoredPrekey {
  pair: CryptoKeyPair;
  prekey: Prekey;
}

export interface Identity {
  /** Ed25519, 32 octets. */
  readonly identity: Bytes;
  /** X25519, 32 octets. */
  readonly sealing: Bytes;
  /** This week's key for envelopes; null before the first `renew`. */
  readonly prekey: Prekey | null;
  sign(message: Bytes): Promise<Bytes>;
  /** Makes a new prekey when the last one's week is over, and deletes those that nothing can wait for any more. */
  renew(now: number): Promise<void>;
  /** Opens a libsodium sealed box; null when it is not for this key or altered. */
  open(box: Uint8Array): Promise<Uint8Array | null>;
}

/** This browser's keys; made at the first call. Throws when the browser has no Ed25519 or X25519. */
export async function identity(now = Date.now()): Promise<Identity> {
  const database = await openDatabase();
  try {
    const found = await request<Stored | undefined>(database.transaction("keys").objectStore("keys").get("own"));
    const stored = found ?? (await create());
    if (found === undefined) await request(database.transaction("keys", "readwrite").objectStore("keys").put(stored, "own"));
    const made = await identityOf(stored.sign, stored.seal, prekeys);
    await made.renew(now);
    return made;
  } finally {
    database.close();
  }
}

/** The same operations on given key pairs (the shared test vectors use this). */
export async function identityOf(sign: CryptoKeyPair, seal: CryptoKeyPair, weekly: () => Promise<StoredPrekey[]> = async () => []): Promise<Identity> {
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", sign.publicKey));
  const sealing = new Uint8Array(await crypto.subtle.exportKey("raw", seal.publicKey));
  const signed = async (message: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.sign("Ed25519", sign.privateKey, message));
  let prekey: Prekey | null = null;
  return {
    identity: own,
    sealing,
    get prekey() {
      return prekey;
    },
    sign: signed,
    renew: async (now) => {
      prekey = await renewed(now, signed);
    },
    open: async (box) => {
      for (const week of await weekly()) {
        const opened = await openSealed(box, unbase64(week.prekey.key, 32), week.pair.privateKey);
        if (opened !== null) return opened;
      }
      return openSealed(box, sealing, seal.privateKey);
    },
  };
}

async function prekeys(): Promise<StoredPrekey[]> {
  const database = await openDatabase();
  const found = await request<StoredPrekey[] | undefined>(database.transaction("keys").objectStore("keys").get("prekeys"));
  database.close();
  return found ?? [];
}

/** This week's prekey, after the store has been brought up to `now`. */
async function renewed(now: number, sign: (message: Bytes) => Promise<Bytes>): Promise<Prekey> {
  // made before it is known to be needed: a transaction does not wait for WebCrypto, and another tab may do the same
  const pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const signature = await sign(lp("telecabine-prekey-v1", key, u64(now), u64(now + WEEK)));
  const made: StoredPrekey = { pair, prekey: { key: base64(key), since: now, until: now + WEEK, signature: base64(signature) } };
  const database = await openDatabase();
  const keys = database.transaction("keys", "readwrite").objectStore("keys");
  const found = (await request<StoredPrekey[] | undefined>(keys.get("prekeys"))) ?? [];
  const kept = found.filter(({ prekey }) => now < prekey.until + KEPT);
  const current = kept.find(({ prekey }) => prekey.since <= now && now < prekey.until) ?? made;
  await request(keys.put(kept.includes(current) ? kept : [...kept, made], "prekeys"));
  database.close();
  return current.prekey;
}

/** Private halves as PKCS #8: only in the page where they were born, and only until `forget`, so that a copy can be sealed (data/backup.ts). */
export interface Private {
  sign: Bytes;
  seal: Bytes;
}

let born: Private | null = null;

export const newborn = (): Private | null => born;

/** From now on nobody, this page's code included, can take the private halves out of this browser. */
export function forget(): void {
  born?.sign.fill(0);
  born?.seal.fill(0);
  born = null;
}

/** Takes these keys in the place of the browser's own, for the next sign-in. Throws when they are no keys. */
export async function adopt(keys: Private): Promise<void> {
  const stored = await imported(keys);
  const database = await openDatabase();
  const store = database.transaction("keys", "readwrite").objectStore("keys");
  await request(store.put(stored, "own"));
  await request(store.delete("prekeys")); // signed by the keys before
  database.close();
}

async function create(): Promise<Stored> {
  const sign = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const seal = (await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"])) as CryptoKeyPair;
  const out = async (key: CryptoKey): Promise<Bytes> => new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  born = { sign: await out(sign.privateKey), seal: await out(seal.privateKey) };
  return imported(born);
}

/** Key pairs whose private halves cannot be taken out again. */
async function imported(keys: Private): Promise<Stored> {
  return { sign: await pairOf("Ed25519", keys.sign, ["sign"], ["verify"]), seal: await pairOf("X25519", keys.seal, ["deriveBits"], []) };
}

async function pairOf(name: string, octets: Bytes, uses: KeyUsage[], open: KeyUsage[]): Promise<CryptoKeyPair> {
  const whole = await crypto.subtle.importKey("pkcs8", octets, { name }, true, uses);
  const { x } = await crypto.subtle.exportKey("jwk", whole);
  return {
    privateKey: await crypto.subtle.importKey("pkcs8", octets, { name }, false, uses),
    publicKey: await crypto.subtle.importKey("jwk", { kty: "OKP", crv: name, x: x! }, { name }, true, open),
  };
}

// crypto_box_seal_open with a key that libsodium may not hold: WebCrypto gives the shared secret, the rest is the definition of
// crypto_box (HSalsa20 of the secret, then secretbox) with the sealed box's nonce, BLAKE2b-192 of both public keys.
async function openSealed(box: Uint8Array, own: Bytes, key: CryptoKey): Promise<Uint8Array | null> {
  if (box.length < 48) return null;
  const ephemeral = new Uint8Array(box.subarray(0, 32));
  let secret: ArrayBuffer;
  try {
    const theirs = await crypto.subtle.importKey("raw", ephemeral, { name: "X25519" }, true, []);
    secret = await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, key, 256);
  } catch {
    return null;
  }
  const shared = new Uint32Array(8);
  hsalsa(SIGMA, new Uint32Array(secret), new Uint32Array(4), shared);
  const nonce = sodium.crypto_generichash(24, concat(ephemeral, own), null);
  try {
    return sodium.crypto_secretbox_open_easy(box.subarray(32), nonce, new Uint8Array(shared.buffer));
  } catch {
    return null;
  }
}

/** Booths that this browser has agreed with: envelopes of others are not opened. */
export async function remember(booth: string, name: string): Promise<void> {
  const database = await openDatabase();
  await request(database.transaction("booths", "readwrite").objectStore("booths").put(name, booth));
  database.close();
}

/** The name of a booth (base64 of its Ed25519 key) that this browser has agreed with. */
export async function remembered(booth: string): Promise<string | undefined> {
  const database = await openDatabase();
  const name = await request<string | undefined>(database.transaction("booths").objectStore("booths").get(booth));
  database.close();
  return name;
}

/** What this browser keeps of its organisation under a name of data/directory.ts. */
export async function store(name: "pin" | "directory", value: unknown): Promise<void> {
  const database = await openDatabase();
  await request(database.transaction("trust", "readwrite").objectStore("trust").put(value, name));
  database.close();
}

export async function recall<T>(name: "pin" | "directory"): Promise<T | undefined> {
  const database = await openDatabase();
  const value = await request<T | undefined>(database.transaction("trust").objectStore("trust").get(name));
  database.close();
  return value;
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open("telecabine", 2);
  opening.onupgradeneeded = () => {
    for (const name of ["keys", "booths", "trust"]) if (!opening.result.objectStoreNames.contains(name)) opening.result.createObjectStore(name);
  };
  return request(opening);
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
