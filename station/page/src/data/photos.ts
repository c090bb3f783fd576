// A photograph of an exam camera: what its Bundle says (FHIR R4 Media), and the picture itself as something that an <img> shows.

import { type Json, list, object, text } from "./bundle";
import { type Bytes, base64, unbase64 } from "./bytes";

export interface Photo {
  /** Id of the whole; its envelopes have ids of their own. */
  id: string;
  envelopes: string[];
  consultation: string;
  booth: string;
  at: string;
  camera: string;
  /** French text of where on the body; "" when nobody said. */
  site: string;
  width: number;
  height: number;
  /** blob: address of the picture; null when the octets are not those that the Media speaks of. */
  url: string | null;
}

/** What the Bundle of a photograph says. Its hash finds a damaged copy; who made it is in the envelope's signature. */
export async function photoOf(id: string, envelopes: string[], consultation: string, booth: string, bundle: Json): Promise<Photo> {
  const resources = list(object(bundle)["entry"]).map((entry) => object(object(entry)["resource"]));
  const media = resources.find((item) => item["resourceType"] === "Media") ?? {};
  const content = object(media["content"]);
  const jpeg = text(content["contentType"]) === "image/jpeg" ? octets(text(content["data"])) : null;
  const whole = jpeg !== null && base64(new Uint8Array(await crypto.subtle.digest("SHA-1", jpeg))) === text(content["hash"]);
  return {
    id, envelopes, consultation, booth, at: text(media["createdDateTime"]), camera: text(media["deviceName"]), site: text(object(media["bodySite"])["text"]),
    width: Number(text(media["width"])), height: Number(text(media["height"])), url: whole ? URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" })) : null,
  };
}

function octets(data: string): Bytes | null {
  try {
    return data === "" ? null : unbase64(data);
  } catch {
    return null;
  }
}
