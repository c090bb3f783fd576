// The sealed stream: libsodium's secretstream per direction, the transcript as associated data, FINAL mandatory.

import sodium from "libsodium-wrappers";
import type { FromBooth, ToBooth } from "../messages";
import { textOf, utf8 } from "./bytes";
import { CURVE_FRAME, curveOf } from "./curve";
import { Fault } from "./fault";
import { padded } from "./padding";
import { SOUND, type Sound, soundOf } from "./sound";

type Pushed = ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_push>;

/** The page's sending direction. */
export class Sealer {
  readonly header: Uint8Array;
  private readonly state: Pushed["state"];
  private finished = false;

  constructor(key: Uint8Array, private readonly transcript: Uint8Array) {
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    this.state = state;
    this.header = header;
  }

  /** The octets of one sealed message; `leave` is the last one. Throws Fault after it. */
  seal(message: ToBooth): Uint8Array {
    return this.push(padded(utf8(JSON.stringify(message))), message.type === "leave");
  }

  push(plain: Uint8Array, final: boolean): Uint8Array {
    if (this.finished) throw new Fault("stream-cut", "nothing follows the last message");
    this.finished = final;
    const tag = final ? sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL : sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    return sodium.crypto_secretstream_xchacha20poly1305_push(this.state, plain, this.transcript, tag);
  }
}

/** The page's receiving direction. */
export class Opener {
  private readonly state: ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_pull>;
  private broken = false;
  /** Whether the last message has come: a stream that ends before was cut. */
  finished = false;

  constructor(key: Uint8Array, private readonly transcript: Uint8Array, header: Uint8Array) {
    this.state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  }

  /** The message in these octets. Throws Fault on anything altered, repeated, out of order, or after the last message. */
  open(body: Uint8Array): FromBooth | Sound {
    const plain = this.pull(body);
    if (plain[0] === SOUND) return soundOf(plain);
    let message: unknown;
    try {
      message = plain[0] === CURVE_FRAME ? curveOf(plain) : JSON.parse(textOf(plain));
    } catch {
      throw new Fault("stream-malformed");
    }
    if (!isMessage(message)) throw new Fault("stream-malformed");
    return message;
  }

  pull(body: Uint8Array): Uint8Array {
    if (this.finished || this.broken) throw new Fault("stream-altered", "a message after the last one");
    // libsodium returns false, or throws when the message is too short
    let opened: { message: Uint8Array; tag: number } | false = false;
    try {
      opened = sodium.crypto_secretstream_xchacha20poly1305_pull(this.state, body, this.transcript);
    } catch {
      opened = false;
    }
    if (opened === false) {
      this.broken = true;
      throw new Fault("stream-altered");
    }
    this.finished = opened.tag === sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return opened.message;
  }
}

const KINDS: Record<FromBooth["type"], string[]> = {
  situation: ["consultation", "patient", "present", "instruments"], values: ["reading", "device", "numbers", "received"],
  curve: ["device", "vital", "samples", "period", "received"], "device-lost": ["device"], answer: ["sdp"], "call-failed": ["reason"],
  text: ["text", "at"], draft: ["text"], media: ["picture", "sound"], "exam-cameras": ["cameras", "camera", "state", "refused", "photo", "missing"], guest: ["state"],
  auscultation: ["state", "site", "listening", "held", "keep"], ended: ["record"], resume: ["log", "of", "received"],
};

// The booth has signed the transcript: what comes is its own, so the kind and the fields that are read are enough.
function isMessage(value: unknown): value is FromBooth {
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return false;
  const fields = (KINDS as Record<string, string[] | undefined>)[value.type];
  return fields !== undefined && fields.every((field) => field in value);
}
