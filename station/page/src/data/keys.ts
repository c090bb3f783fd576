// The specialist's keys: born here, kept in IndexedDB, the private halves not extractable.

import { hsalsa } from "@noble/ciphers/salsa.js";
import { u32 } from "@noble/ciphers/utils.js";
import sodium from "libsodium-wrappers";
import { type Bytes, concat } from "./bytes";

const SIGMA = u32(new TextEncoder().encode("expand 32-byte k"));

interface Stored {
  sign: CryptoKeyPair;
  seal: CryptoKeyPair;
}

export interface Identity {
  /** Ed25519, 32 octets. */
  readonly identity: Bytes;
  /** X25519, 32 octets. */
  readonly sealing: Bytes;
  sign(message: Bytes): Promise<Bytes>;
  /** Opens a libsodium sealed box; null when it is not for this key or altered. */
  open(box: Uint8Array): Promise<Uint8Array | null>;
}

/** This browser's keys; made at the first call. Throws when the browser has no Ed25519 or X25519. */
export async function identity(): Promise<Identity> {
  const database = await openDatabase();
  try {
    const found = await request<Stored | undefined>(database.transaction("keys").objectStore("keys").get("own"));
    const stored = found ?? (await create());
    if (found === undefined) await request(database.transaction("keys", "readwrite").objectStore("keys").put(stored, "own"));
    return await identityOf(stored.sign, stored.seal);
  } finally {
    database.close();
  }
}

/** The same operations on given key pairs (the shared test vectors use this). */
export async function identityOf(sign: CryptoKeyPair, seal: CryptoKeyPair): Promise<Identity> {
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", sign.publicKey));
  const sealing = new Uint8Array(await crypto.subtle.exportKey("raw", seal.publicKey));
  return {
    identity: own,
    sealing,
    sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", sign.privateKey, message)),
    open: (box) => openSealed(box, sealing, seal.privateKey),
  };
}

async function create(): Promise<Stored> {
  const sign = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const seal = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  return { sign, seal };
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
