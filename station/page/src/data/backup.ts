// A copy of this browser's keys that only the specialist's passkey opens (WebAuthn's PRF extension): docs/crypto.md.

import { type Bytes, concat, fieldsOf, lp, same, utf8 } from "./bytes";
import { adopt, newborn } from "./keys";

const MAGIC = utf8("TCB1");
const PURPOSE = utf8("telecabine-backup-v1");

/** Why there is no copy, or none was restored; a text key ("backup.…"). */
export type BackupFault = "no-prf" | "refused" | "damaged";

export class BackupError extends Error {
  constructor(readonly key: BackupFault) {
    super(key);
  }
}

/** The sealed copy of keys that were born in this page, for a new passkey of `name`. Throws BackupError. */
export async function backUp(name: string): Promise<Bytes> {
  const keys = newborn();
  if (keys === null) throw new BackupError("damaged");
  const made = await asked(() => navigator.credentials.create({
    publicKey: {
      rp: { name: "Télécabine" }, user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
      challenge: crypto.getRandomValues(new Uint8Array(32)), pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" }, extensions: { prf: { eval: { first: PURPOSE } } },
    },
  }));
  // many authenticators evaluate only when they are asked for an assertion
  const secret = resultOf(made) ?? (await evaluated([{ type: "public-key", id: made.rawId }]));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: MAGIC }, await wrapping(secret), lp(keys.sign, keys.seal));
  return concat(MAGIC, nonce, new Uint8Array(sealed));
}

/** Takes over the keys of a copy in the place of this browser's own. Throws BackupError. */
export async function restore(copy: Bytes): Promise<void> {
  if (copy.length < 60 || !same(copy.subarray(0, 4), MAGIC)) throw new BackupError("damaged");
  const secret = await evaluated([]);
  let sign: Uint8Array;
  let seal: Uint8Array;
  try {
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: copy.slice(4, 16), additionalData: MAGIC }, await wrapping(secret), copy.slice(16));
    [sign, seal] = fieldsOf(new Uint8Array(opened), 2) as [Uint8Array, Uint8Array];
  } catch {
    throw new BackupError("damaged");
  }
  await adopt({ sign: new Uint8Array(sign), seal: new Uint8Array(seal) });
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const given = await ask();
    if (given instanceof PublicKeyCredential) return given;
  } catch {
    // refused, timed out, or no authenticator: one answer
  }
  throw new BackupError("refused");
}

function resultOf(given: PublicKeyCredential): Bytes | null {
  const first = given.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  return ArrayBuffer.isView(first) ? new Uint8Array(first.buffer.slice(first.byteOffset, first.byteOffset + first.byteLength) as ArrayBuffer) : new Uint8Array(first as ArrayBuffer);
}

async function evaluated(allowed: PublicKeyCredentialDescriptor[]): Promise<Bytes> {
  const given = await asked(() => navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)), allowCredentials: allowed, userVerification: "required",
      extensions: { prf: { eval: { first: PURPOSE } } },
    },
  }));
  const secret = resultOf(given);
  if (secret === null) throw new BackupError("no-prf");
  return secret;
}

async function wrapping(secret: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: PURPOSE };
  return crypto.subtle.deriveKey(derivation, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
