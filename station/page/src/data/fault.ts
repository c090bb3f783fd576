// What stops a consultation; `key` is a text key of i18n ("fault.…"), shown in plain words.

export type FaultKey =
  | "handshake-malformed" | "handshake-version" | "handshake-signature" | "handshake-late"
  | "handshake-declined"
  | "directory-missing" | "directory-malformed" | "directory-other-organisation" | "directory-signature" | "directory-old" | "directory-forked"
  | "directory-expired" | "key-revoked" | "key-not-listed" | "key-other-kind" | "key-not-yet-valid" | "key-expired"
  | "stream-altered" | "stream-cut" | "stream-malformed" | "codes-differ" | CodeFault;

/** Why one of the two ends does not take a code. */
export const CODE_FAULTS = ["code-wrong", "code-tries", "code-expired", "code-used", "code-unknown", "code-missing"] as const;
export type CodeFault = (typeof CODE_FAULTS)[number];

export class Fault extends Error {
  constructor(readonly key: FaultKey, detail = "") {
    super(detail === "" ? key : `${key}: ${detail}`);
  }
}
