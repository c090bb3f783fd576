// The two codes and what is resumed, run by the page's own code in a browser: tests/station/test_vectors_of_codes.py calls this.

import sodium from "libsodium-wrappers";
import { base64, unbase64, utf8 } from "../src/data/bytes";
import { fromDigits, fromFragment, kept, keptText, make, text } from "../src/data/codes";
import { generator, generatorString, intermediateKey, sampleScalar, share, ShareError, times, transcriptIr } from "../src/data/cpace";
import { confirmation } from "../src/data/handshake";
import { invitationIn } from "../src/data/guest";
import { Resumption } from "../src/data/resumption";
import type { FromBooth, Resume, ToBooth } from "../src/messages";

const hex = (octets: Uint8Array): string => [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("").toUpperCase();
const unhex = (digits: string): Uint8Array<ArrayBuffer> => Uint8Array.from(digits.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));

interface Vectors {
  run: Record<string, string>;
  points: { Valid: Record<string, string>; "Invalid Y1": string; "Invalid Y2": string };
}

/** What the page makes of the draft's vectors. */
function cpace({ run, points }: Vectors): Record<string, unknown> {
  const octets = (name: string): Uint8Array<ArrayBuffer> => unhex(run[name]!);
  const base = generator(octets("PRS"), octets("CI"), octets("sid"));
  const both = transcriptIr(octets("Ya"), octets("Yb"), octets("ADa"), octets("ADb"));
  const refused = (point: string): boolean => {
    try {
      intermediateKey(unhex(points.Valid["s"]!), unhex(point), new Uint8Array(), new Uint8Array());
      return false;
    } catch (error) {
      return error instanceof ShareError;
    }
  };
  return {
    generator_string: hex(generatorString(octets("PRS"), octets("CI"), octets("sid"))).toLowerCase(),
    g: hex(base.toBytes()), Ya: hex(share(octets("ya"), base)), Yb: hex(share(octets("yb"), base)),
    K: hex(times(octets("ya"), octets("Yb"))!), ISK_IR: hex(intermediateKey(octets("ya"), octets("Yb"), octets("sid"), both)),
    valid: hex(times(unhex(points.Valid["s"]!), unhex(points.Valid["X"]!))!),
    refused: [points["Invalid Y1"], points["Invalid Y2"], "", points.Valid["X"]!.slice(2)].map(refused),
  };
}

let running: { scalar: Uint8Array; own: Uint8Array; session: string } | null = null;

/** One run with the booth: first the page's share of these digits, then the key and the page's confirmation. */
function begin(digits: string, channel: string, session: string): string {
  const scalar = sampleScalar();
  running = { scalar, own: share(scalar, generator(utf8(digits), utf8(channel), utf8(session))), session };
  return base64(running.own);
}

async function finish(theirs: string, transcript: string): Promise<Record<string, string>> {
  await sodium.ready;
  const { scalar, own, session } = running!;
  const key = intermediateKey(scalar, unbase64(theirs), utf8(session), transcriptIr(own, unbase64(theirs)));
  return { key: base64(key), confirmation: base64(confirmation("specialist", unbase64(transcript), key)) };
}

/** How the page reads what people type, scan or open; null = it is no code. */
const read = (texts: string[]): (string[] | null)[] => texts.map((each) => {
  const code = fromDigits(each) ?? fromFragment(each);
  return code === null ? null : [code.place, base64(code.secret), code.kind, keptText(kept(keptText(code))!), String(invitationIn(`https://x/#${each}`) !== null || code.kind === "typed")];
});

const fresh = (place: string): string => text(make(place));

type Step = ["begin"] | ["keep", ToBooth] | ["resumed", Resume] | ["had", FromBooth];

/** The same steps as the booth's list takes: what each gives. */
function resume(log: string, steps: Step[]): unknown[] {
  const list = new Resumption(log);
  return steps.map((step) => {
    if (step[0] === "begin") return list.begin();
    if (step[0] === "keep") return list.keep(step[1]) ?? null;
    return step[0] === "resumed" ? list.resumed(step[1]) : (list.had(step[1]) ?? null);
  });
}

Object.assign(window, { cpace, begin, finish, read, fresh, resume });
