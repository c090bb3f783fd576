// The shared test vectors, run by the page's own code in a browser: tests/station/test_vectors.py bundles, serves and calls this.

import { curveOf } from "../src/data/curve";
import sodium from "libsodium-wrappers";
import { base64, textOf, unbase64, utf8 } from "../src/data/bytes";
import { parseExact, writeExact } from "../src/data/bundle";
import { entryOf, fingerprint, type Kind, newer, pinOf, requestOf } from "../src/data/directory";
import { openEnvelope, receiptSignature } from "../src/data/envelope";
import { commitment, derive, type Fresh, Handshake } from "../src/data/handshake";
import { identity as ownIdentity, type Identity, identityOf, KEPT, WEEK } from "../src/data/keys";
import { soundOf } from "../src/data/sound";
import { Opener, Sealer } from "../src/data/stream";

type Vectors = Record<string, string> & {
  from_booth: { sealed: string; plaintext: string; final: boolean }[];
  envelope_header: { id: string };
  receipt: { id: string; at: number };
};

const url = (text: string): string => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function pair(algorithm: "Ed25519" | "X25519", secret: string, open: string): Promise<CryptoKeyPair> {
  const jwk = { kty: "OKP", crv: algorithm, x: url(open) };
  const uses: [KeyUsage[], KeyUsage[]] = algorithm === "Ed25519" ? [["sign"], ["verify"]] : [["deriveBits"], []];
  return {
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: url(secret) }, { name: algorithm }, false, uses[0]),
    publicKey: await crypto.subtle.importKey("jwk", jwk, { name: algorithm }, true, uses[1]),
  };
}

async function own(vectors: Vectors): Promise<Identity> {
  const text = (name: string): string => vectors[name]!;
  return identityOf(
    await pair("Ed25519", text("specialist_signing_seed"), text("specialist_identity")),
    await pair("X25519", text("specialist_sealing_secret"), text("specialist_sealing_public")),
  );
}

/** The octets of a sound as the page reads them, and why it refuses what is another length, rate or kind. */
async function sounds(vector: { octets: string }): Promise<unknown> {
  const octets = unbase64(vector.octets);
  const changed = (at: number): Uint8Array => octets.map((octet, place) => (place === at ? octet ^ 1 : octet));
  const { sequence, received, samples } = soundOf(octets);
  const refusals = await Promise.all([octets.slice(1), changed(0), changed(1), changed(2), changed(4), changed(6)].map((one) => failure(() => soundOf(one))));
  return { sequence, received, samples: [...samples], refusals };
}

const failure = async (step: () => unknown): Promise<string> => {
  try {
    await step();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** What the page's code makes of the vectors. */
async function results(vectors: Vectors): Promise<Record<string, unknown>> {
  await sodium.ready;
  const octets = (name: string): Uint8Array => unbase64(vectors[name]!);
  const identity = await own(vectors);
  const fresh: Fresh = {
    ephemeral: { publicKey: octets("specialist_ephemeral_public"), privateKey: octets("specialist_ephemeral_secret") },
    nonce: octets("specialist_nonce"),
  };
  const hello = JSON.parse(vectors["hello_booth"]!) as { ephemeral: string };
  const keys = derive(utf8(vectors["hello_specialist"]!), utf8(vectors["hello_booth"]!), fresh, unbase64(hello.ephemeral));
  const agreed = JSON.parse(vectors["agreed"]!) as { header: string };
  const sealed = vectors.from_booth.map((message) => unbase64(message.sealed));
  const opener = (): Opener => new Opener(keys.receive, keys.transcript, unbase64(agreed.header));
  const first = opener();
  const opened = sealed.map((body) => ({ plaintext: textOf(first.pull(body)), final: first.finished }));
  const header = JSON.parse(vectors["reveal"]!) as { header: string; signature: string };
  const envelope = unbase64(vectors["envelope"]!);
  const read = await openEnvelope(vectors.envelope_header.id, octets("booth_public"), envelope, identity);
  const altered = (body: Uint8Array, at: number): Uint8Array => body.map((octet, place) => (place === at ? octet ^ 1 : octet));
  return {
    commitment: base64(commitment(fresh.nonce)), transcript: base64(keys.transcript), receive_key: base64(keys.receive), digits: keys.digits,
    reveal_signature: header.signature, opened, payload: textOf(read.payload), kind: read.kind,
    receipt: await receiptSignature(vectors.receipt.id, vectors.receipt.at, identity),
    agreed: (await finished(vectors, identity, fresh, vectors["agreed"]!)) ?? "",
    refusals: {
      altered: await failure(() => opener().pull(altered(sealed[0]!, 5))),
      out_of_order: await failure(() => opener().pull(sealed[1]!)),
      repeated: await failure(() => { const one = opener(); one.pull(sealed[0]!); one.pull(sealed[0]!); }),
      after_failure: await failure(async () => { const one = opener(); await failure(() => one.pull(sealed[1]!)); one.pull(sealed[0]!); }),
      after_final: await failure(() => { const one = opener(); sealed.forEach((body) => one.pull(body)); one.pull(sealed[0]!); }),
      too_short: await failure(() => opener().pull(new Uint8Array(3))),
      own_after_final: await failure(() => { const one = new Sealer(keys.send, keys.transcript); one.seal({ type: "leave" }); one.seal({ type: "leave" }); }),
      envelope_altered: await failure(() => openEnvelope("e1", octets("booth_public"), altered(envelope, envelope.length - 1), identity)),
      envelope_other_id: await failure(() => openEnvelope("e2", octets("booth_public"), envelope, identity)),
      envelope_other_booth: await failure(() => openEnvelope("e1", octets("specialist_identity"), envelope, identity)),
      envelope_other_version: await failure(() => openEnvelope("e1", octets("booth_public"), altered(envelope, 0), identity)),
      envelope_cut: await failure(() => openEnvelope("e1", octets("booth_public"), envelope.subarray(0, 20), identity)),
    },
  };
}

/** Drives the handshake with the recorded booth: the name of the fault, null when it agrees. */
async function finished(vectors: Vectors, identity: Identity, fresh: Fresh, agreed: string): Promise<string | null> {
  const recorded = JSON.parse(vectors["hello_specialist"]!) as { consultation: string; name: string; fingerprints: string[] };
  const sent: string[] = [];
  const handshake = new Handshake(recorded.consultation, recorded.name, identity, recorded.fingerprints, (body) => sent.push(textOf(body)), fresh, null, 1);
  const problem = await failure(async () => {
    handshake.start();
    await handshake.receive(utf8(vectors["hello_booth"]!));
    await handshake.receive(utf8(agreed));
  });
  return problem === "" && sent[0] !== vectors["hello_specialist"] ? `another hello: ${sent[0]}` : problem === "" ? null : problem;
}

interface Directories {
  pin: string;
  now: number;
  booth: string;
  specialist: string;
  specialist_sealing: string;
  revoked: string;
  late: string;
  unknown: string;
  request_seed: string;
  good: Record<string, string>;
  bad: Record<string, [string, string]>;
}

/** What the page's code makes of the directories of tests/vectors/directory.json. */
async function directories(vectors: Directories): Promise<Record<string, unknown>> {
  await sodium.ready;
  const floor = pinOf(vectors.pin)!;
  const good = (name: string): Uint8Array => unbase64(vectors.good[name]!);
  const first = newer(good("first"), null, floor)!;
  const key = (name: "booth" | "specialist" | "revoked" | "late" | "unknown"): Uint8Array => unbase64(vectors[name]);
  const reason = (who: "booth" | "specialist" | "revoked" | "late" | "unknown", kind: Kind, later = 0): Promise<string> =>
    failure(() => entryOf(first, key(who), kind, vectors.now + later * 86_400_000));
  const entry = entryOf(first, key("specialist"), "specialist", vectors.now);
  const own = await pair("Ed25519", vectors.request_seed, vectors.specialist);
  const sign = async (message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", own.privateKey, message));
  const refusals: Record<string, string> = {};
  for (const [name, [text]] of Object.entries(vectors.bad)) refusals[name] = (await failure(() => newer(unbase64(text), good("first"), floor))).split(":")[0]!;
  return {
    name: entry.name, role: entry.role, fingerprint: fingerprint("specialist", entry.identity, entry.sealing),
    request: await requestOf(entry.name, unbase64(vectors.specialist), unbase64(vectors.specialist_sealing), sign),
    refusals,
    reasons: [
      await reason("unknown", "specialist"), await reason("revoked", "specialist"), await reason("booth", "specialist"),
      await reason("late", "specialist"), await reason("late", "specialist", 30), await reason("specialist", "specialist", 100),
    ],
    rotated: newer(good("rotated"), good("first"), floor)!.number,
    recovered: newer(good("recovered"), good("rotated"), floor)!.epoch,
    same: newer(good("first"), good("first"), floor),
    forked: await failure(() => newer(good("same_number_other_content"), good("first"), floor)),
    other_history: await failure(() => newer(good("recovered"), good("recovered_from_first"), { ...floor, number: 0 })),
    old_after_recovery: await failure(() => newer(good("rotated"), good("recovered"), floor)),
    below_the_pin: await failure(() => newer(good("next"), null, { ...floor, epoch: 1 })),
  };
}

/** A year of prekeys in this browser's own store: which stay, which open, and whether a private half can be taken out. */
async function weeks(start: number): Promise<Record<string, unknown>> {
  await sodium.ready;
  const own = await ownIdentity(start);
  const first = own.prekey!;
  const box = sodium.crypto_box_seal(utf8("98 %"), unbase64(first.key));
  const opens = async (now: number): Promise<boolean> => {
    await own.renew(now);
    return (await own.open(box)) !== null;
  };
  const database = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open("telecabine");
    opening.onsuccess = () => resolve(opening.result);
  });
  const kept = (): Promise<{ pair: CryptoKeyPair }[]> =>
    new Promise((resolve) => {
      const asking = database.transaction("keys").objectStore("keys").get("prekeys");
      asking.onsuccess = () => resolve(asking.result as { pair: CryptoKeyPair }[]);
    });
  await own.renew(start + WEEK - 1);
  const sameWeek = own.prekey!.key === first.key;
  const again = (await ownIdentity(start + 1)).prekey!.key === first.key;
  const nextWeek = await opens(start + WEEK);
  const second = own.prekey!.key;
  const lastDay = await opens(start + WEEK + KEPT - 1);
  const after = await opens(start + WEEK + KEPT);
  const taken = await failure(async () => crypto.subtle.exportKey("jwk", (await kept())[0]!.pair.privateKey));
  for (let week = 6; week < 52; week += 1) await own.renew(start + week * WEEK);
  return { identity: base64(own.identity), first, sameWeek, again, nextWeek, changed: second !== first.key, lastDay, after, taken, kept: (await kept()).length };
}

const exact = (text: string): string => writeExact(parseExact(text));

/** Frames in hexadecimal digits: each curve, or why it is none. */
const curves = (frames: string[]): unknown[] =>
  frames.map((digits) => {
    try {
      return curveOf(Uint8Array.from(digits.match(/../g) ?? [], (octet) => parseInt(octet, 16)));
    } catch {
      return "refused";
    }
  });

Object.assign(window, { results, exact, directories, weeks, curves, sounds });
