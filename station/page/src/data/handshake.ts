// The page's side of the handshake of docs/crypto.md.

import sodium from "libsodium-wrappers";
import type { Agreed, Declined, HandshakeMessage, HelloBooth, HelloSpecialist, Reveal } from "../messages";
import { base64, type Bytes, lp, same, unbase64, utf8 } from "./bytes";
import { type Code } from "./codes";
import { generator, intermediateKey, sampleScalar, share, transcriptIr } from "./cpace";
import { CODE_FAULTS, Fault } from "./fault";
import type { Identity } from "./keys";
import { Opener, Sealer } from "./stream";

export const VERSION = 2;
const CHANNEL = utf8("telecabine-booth-and-specialist-v1");

/** What is random in a handshake; the shared test vectors give it. */
export interface Fresh {
  ephemeral: { publicKey: Uint8Array; privateKey: Uint8Array };
  nonce: Uint8Array;
}

export const fresh = (): Fresh => ({ ephemeral: sodium.crypto_kx_keypair(), nonce: sodium.randombytes_buf(32) });

export interface Keys {
  transcript: Uint8Array;
  /** Key of the stream that the page receives, and of the one it sends. */
  receive: Uint8Array;
  send: Uint8Array;
  /** The six digits of the authentication string. */
  digits: string;
}

export const commitment = (nonce: Uint8Array): Uint8Array => sodium.crypto_generichash(32, lp("telecabine-commit-v1", nonce), null);

/** Transcript, keys and digits of the two hellos as sent; `secret` is what a code has given, when there is one. */
export function derive(helloSpecialist: Uint8Array, helloBooth: Uint8Array, own: Fresh, theirs: Uint8Array, secret: Uint8Array | null = null): Keys {
  const transcript = sodium.crypto_generichash(32, lp("telecabine-handshake-v1", helloSpecialist, helloBooth, own.nonce), null);
  const kx = sodium.crypto_kx_client_session_keys(own.ephemeral.publicKey, own.ephemeral.privateKey, theirs);
  const bound = secret === null ? lp("telecabine-stream-v1", transcript) : lp("telecabine-stream-code-v1", transcript, secret);
  const bind = (key: Uint8Array): Uint8Array => sodium.crypto_generichash(32, bound, key);
  const sas = sodium.crypto_generichash(8, lp("telecabine-sas-v1", transcript), null);
  const number = new DataView(sas.buffer, sas.byteOffset).getBigUint64(0) % 1_000_000n;
  return { transcript, receive: bind(kx.sharedRx), send: bind(kx.sharedTx), digits: number.toString().padStart(6, "0") };
}

export const statement = (role: "specialist" | "booth", transcript: Uint8Array): Bytes => lp("telecabine-sign-v1", role, transcript);

/** Shows the other end that `role` knows the code's secret, for this transcript only. */
export const confirmation = (role: "specialist" | "booth", transcript: Uint8Array, secret: Uint8Array): Uint8Array =>
  sodium.crypto_generichash(32, lp("telecabine-confirm-v1", role, transcript), sodium.crypto_generichash(32, lp("telecabine-code-v1", secret), null));

/** What the handshake has given. */
export interface Agreement {
  booth: HelloBooth;
  digits: string;
  sealer: Sealer;
  opener: Opener;
}

/** One attempt. `send` takes the JSON octets of a handshake frame. */
export class Handshake {
  private hello = new Uint8Array();
  private booth: { hello: HelloBooth; keys: Keys; sealer: Sealer; secret: Uint8Array | null } | null = null;
  private readonly scalar = sampleScalar();

  constructor(
    private readonly consultation: string, private readonly name: string, private readonly identity: Identity,
    private readonly fingerprints: string[], private readonly send: (body: Uint8Array) => void, private readonly own: Fresh = fresh(),
    private readonly code: Code | null = null, private readonly version: number = VERSION,
  ) {}

  /** Whether this end has shown that it knows the code: the other end may have guessed once. */
  get revealed(): boolean {
    return this.booth !== null;
  }

  start(): void {
    const message: HelloSpecialist = {
      type: "hello-specialist", version: this.version, consultation: this.consultation, identity: base64(this.identity.identity),
      sealing: base64(this.identity.sealing), ephemeral: base64(this.own.ephemeral.publicKey),
      commitment: base64(commitment(this.own.nonce)), fingerprints: this.fingerprints, name: this.name,
      ...(this.identity.prekey === null ? {} : { prekey: this.identity.prekey }),
      ...(this.code !== null && { code: this.code.kind }),
      ...(this.code?.kind === "typed" && { share: base64(share(this.scalar, this.base(this.code))) }),
    };
    this.hello = utf8(JSON.stringify(message));
    this.send(this.hello);
  }

  /** Takes the booth's next message; the agreement after the last one. Throws Fault. */
  async receive(body: Uint8Array): Promise<Agreement | null> {
    const message = parse(body);
    if (message.type === "declined") throw new Fault(CODE_FAULTS.find((key) => key === message.reason) ?? "handshake-declined", message.reason);
    if (message.type === "hello-booth" && this.booth === null) return this.reveal(message, body);
    if (message.type === "agreed" && this.booth !== null) return this.finish(message, this.booth);
    throw new Fault("handshake-malformed", `an unexpected ${message.type}`);
  }

  private async reveal(hello: HelloBooth, body: Uint8Array): Promise<null> {
    if (hello.version !== this.version) throw new Fault("handshake-version", String(hello.version));
    if (hello.consultation !== this.consultation) throw new Fault("handshake-malformed", "another consultation");
    let keys: Keys;
    let secret: Uint8Array | null;
    try {
      unbase64(hello.identity, 32);
      unbase64(hello.nonce, 32);
      secret = this.secret(hello);
      keys = derive(this.hello, body, this.own, unbase64(hello.ephemeral, 32), secret);
    } catch {
      throw new Fault("handshake-malformed", "a key");
    }
    const sealer = new Sealer(keys.send, keys.transcript);
    const signature = await this.identity.sign(statement("specialist", keys.transcript));
    this.booth = { hello, keys, sealer, secret };
    const reveal: Reveal = {
      type: "reveal", nonce: base64(this.own.nonce), signature: base64(signature), header: base64(sealer.header),
      ...(secret !== null && { confirmation: base64(confirmation("specialist", keys.transcript, secret)) }),
    };
    this.send(utf8(JSON.stringify(reveal)));
    return null;
  }

  private base(code: Code): ReturnType<typeof generator> {
    return generator(code.secret, CHANNEL, utf8(this.consultation));
  }

  /** What the code gives: the link's own octets, or what CPace makes of the digits. */
  private secret(hello: HelloBooth): Uint8Array | null {
    if (this.code === null || this.code.kind === "link") return this.code?.secret ?? null;
    const theirs = unbase64(hello.share ?? "", 32);
    const ours = share(this.scalar, this.base(this.code));
    return intermediateKey(this.scalar, theirs, utf8(this.consultation), transcriptIr(ours, theirs));
  }

  private finish(agreed: Agreed, { hello, keys, sealer, secret }: NonNullable<Handshake["booth"]>): Agreement {
    let signature: Uint8Array;
    let opener: Opener;
    try {
      signature = unbase64(agreed.signature, 64);
      opener = new Opener(keys.receive, keys.transcript, unbase64(agreed.header, 24));
    } catch {
      throw new Fault("handshake-malformed", "a signature or header");
    }
    if (!sodium.crypto_sign_verify_detached(signature, statement("booth", keys.transcript), unbase64(hello.identity)))
      throw new Fault("handshake-signature");
    if (secret !== null && !same(unbase64(agreed.confirmation ?? ""), confirmation("booth", keys.transcript, secret))) throw new Fault("code-wrong");
    return { booth: hello, digits: keys.digits, sealer, opener };
  }
}

function parse(body: Uint8Array): HandshakeMessage {
  try {
    const message: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (isHello(message) || isAgreed(message) || isDeclined(message)) return message;
  } catch {
    // falls through to the one error
  }
  throw new Fault("handshake-malformed");
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const texts = (value: Record<string, unknown>, ...names: string[]): boolean => names.every((name) => typeof value[name] === "string");

function isHello(value: unknown): value is HelloBooth {
  return isObject(value) && value["type"] === "hello-booth" && typeof value["version"] === "number" &&
    texts(value, "consultation", "identity", "ephemeral", "nonce", "name") &&
    Array.isArray(value["fingerprints"]) && value["fingerprints"].every((item) => typeof item === "string");
}

const isAgreed = (value: unknown): value is Agreed => isObject(value) && value["type"] === "agreed" && texts(value, "signature", "header");

const isDeclined = (value: unknown): value is Declined => isObject(value) && value["type"] === "declined" && texts(value, "reason");
