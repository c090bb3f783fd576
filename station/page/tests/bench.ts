// What sealing costs in the page beside bare libsodium.js: bench/seal.py bundles, serves and calls this.

import sodium from "libsodium-wrappers";
import { base64, lp, utf8 } from "../src/data/bytes";
import { openEnvelope } from "../src/data/envelope";
import { fresh, Handshake } from "../src/data/handshake";
import { identityOf } from "../src/data/keys";
import { padded } from "../src/data/padding";
import { Opener, Sealer } from "../src/data/stream";
import type { Text } from "../src/messages";

/** Microseconds of one call of ours and of the bare one. */
type Round = [number, number];

async function mean(work: () => unknown, count: number): Promise<number> {
  const began = performance.now();
  for (let time = 0; time < count; time += 1) await work();
  return ((performance.now() - began) / count) * 1000;
}

/** `count` calls of each in every round, one right after the other. */
async function rounds(number: number, ours: () => unknown, bare: () => unknown, count: number): Promise<Round[]> {
  const found: Round[] = [];
  for (let round = 0; round < number; round += 1) found.push([await mean(ours, count), await mean(bare, count)]);
  return found;
}

async function measure(payload: string, message: Text, number: number): Promise<Record<string, Round[]>> {
  await sodium.ready;
  const sign = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const seal = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  const own = await identityOf(sign, seal);
  const booth = sodium.crypto_sign_keypair();
  const header = utf8(JSON.stringify({ id: "e1", kind: "observation", consultation: "c1", sequence: 1, recipient: base64(own.identity), created: "" }));
  const body = utf8(payload);
  const signature = sodium.crypto_sign_detached(lp("telecabine-envelope-v1", header, body), booth.privateKey);
  const inner = lp(signature, header, body, new Uint8Array(64));
  const envelope = new Uint8Array([2, 1, ...sodium.crypto_box_seal(inner, own.sealing)]);
  const other = sodium.crypto_box_keypair();
  const box = sodium.crypto_box_seal(sodium.crypto_sign(body, booth.privateKey), other.publicKey);

  const key = sodium.randombytes_buf(32);
  const transcript = sodium.randombytes_buf(32);
  const sealer = new Sealer(key, transcript);
  const opener = new Opener(key, transcript, sealer.header);
  const push = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const pull = sodium.crypto_secretstream_xchacha20poly1305_init_pull(push.header, key);
  const text = utf8(JSON.stringify(message));

  const answer = sodium.crypto_kx_keypair();
  const hello = utf8(JSON.stringify({
    type: "hello-booth", version: 2, consultation: "c1", identity: base64(booth.publicKey), ephemeral: base64(answer.publicKey),
    nonce: base64(sodium.randombytes_buf(32)), fingerprints: [], name: "P",
  }));
  const bareKeys = sodium.crypto_kx_keypair();
  return {
    envelope: await rounds(number, () => openEnvelope("e1", booth.publicKey, envelope, own),
      () => sodium.crypto_sign_open(sodium.crypto_box_seal_open(box, other.publicKey, other.privateKey), booth.publicKey), 20),
    stream: await rounds(number, () => opener.pull(sealer.push(padded(text), false)), () => sodium.crypto_secretstream_xchacha20poly1305_pull(
      pull, sodium.crypto_secretstream_xchacha20poly1305_push(push.state, text, transcript, 0), transcript), 300),
    handshake: await rounds(number, async () => {
      const shaking = new Handshake("c1", "Dr", own, [], () => undefined, fresh());
      shaking.start();
      await shaking.receive(hello);
    }, () => {
      sodium.crypto_kx_keypair();
      sodium.crypto_kx_client_session_keys(bareKeys.publicKey, bareKeys.privateKey, answer.publicKey);
    }, 10),
  };
}

Object.assign(window, { measure });
