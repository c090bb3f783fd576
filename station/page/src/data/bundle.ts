// FHIR JSON with every digit kept: a number is never a float here, but the text that was sent.

// unrolled: a photograph is one string of a million characters
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARK = "\u0001";

export type Json = string | boolean | null | Json[] | { [name: string]: Json };

/** JSON in which each number is a text marked as one: "36.60" stays 36.60. Throws SyntaxError. */
export function parseExact(text: string): Json {
  return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `"\\u0001${token}"`))) as Json;
}

/** The JSON text again, numbers with the digits they came with. */
export function writeExact(value: Json): string {
  return JSON.stringify(value, null, 1).replace(/"\\u0001(-?[\d.eE+-]+)"/g, "$1");
}

export const object = (value: Json | undefined): { [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
export const text = (value: Json | undefined): string => (typeof value === "string" ? value.replace(MARK, "") : "");

export interface SettledValue {
  code: string;
  label: string;
  value: string | null;
  unit: string;
}

export interface Settled {
  /** The envelope's id. */
  id: string;
  consultation: string;
  booth: string;
  at: string;
  device: string;
  values: SettledValue[];
  /** The helper has set it aside (status entered-in-error): no value is shown. */
  rejected: boolean;
  /** All envelopes that it came in. */
  envelopes: string[];
  /** A sound that was kept. */
  sound: KeptSound | null;
}

export interface KeptSound {
  title: string;
  seconds: number;
  /** A WAV file in base64, as the booth has sealed it. */
  wav: string;
}

/** What a bundle's Observations say, for the list. */
export function settledOf(id: string, consultation: string, booth: string, bundle: Json): Settled {
  const resources = list(object(bundle)["entry"]).map((entry) => object(object(entry)["resource"]));
  // the reading of the device's clock is an Observation too, but no measurement
  const observations = (resources.length > 0 ? resources : [object(bundle)]).filter((item) => item["resourceType"] === "Observation" && item["valueDateTime"] === undefined);
  const media = resources.find((item) => item["resourceType"] === "Media") ?? {};
  const first = observations[0] ?? media;
  const reference = text(object(first["device"])["reference"]);
  const found = list(object(bundle)["entry"]).map(object).find((entry) => reference !== "" && text(entry["fullUrl"]) === reference);
  const device = object(found?.["resource"]);
  const rejected = observations.some((item) => item["status"] === "entered-in-error");
  return {
    id, consultation, booth, rejected, envelopes: [id], sound: soundOf(media),
    at: text(first["effectiveDateTime"]) || text(object(first["effectivePeriod"])["start"]) || text(object(first["createdPeriod"])["end"]),
    device: text(object(list(device["deviceName"])[0])["name"]) || text(object(first["device"])["display"]),
    values: observations.flatMap(valuesOf).map((value) => (rejected ? { ...value, value: null } : value)),
  };
}

function soundOf(media: { [name: string]: Json }): KeptSound | null {
  const content = object(media["content"]);
  if (text(content["contentType"]) !== "audio/wav") return null;
  return { title: text(content["title"]), seconds: Number(text(media["duration"])), wav: text(content["data"]) };
}

function valuesOf(observation: { [name: string]: Json }): SettledValue[] {
  const parts = list(observation["component"]).map(object);
  const values = (parts.length > 0 ? parts : [observation]).map((part) => {
    const coding = list(object(part["code"])["coding"]).map(object);
    const loinc = coding.find((item) => text(item["system"]) === "http://loinc.org") ?? coding[0] ?? {};
    const quantity = object(part["valueQuantity"]);
    return {
      code: text(loinc["code"]), label: text(object(part["code"])["text"]) || text(loinc["display"]),
      value: text(quantity["value"]) || null, unit: text(quantity["unit"]) || text(quantity["code"]),
    };
  });
  return together(values);
}

// one blood pressure stays one
function together(values: SettledValue[]): SettledValue[] {
  const [systolic, diastolic] = ["8480-6", "8462-4"].map((code) => values.find((value) => value.code === code));
  if (systolic === undefined || diastolic === undefined) return values;
  const value = systolic.value === null || diastolic.value === null ? null : `${systolic.value}/${diastolic.value}`;
  return [{ ...systolic, code: "85354-9", value }, ...values.filter((item) => item !== systolic && item !== diastolic)];
}

/** One collection Bundle of all bundles, each resource once. */
export function collection(bundles: Json[], now: Date): string {
  const entries = new Map<string, Json>();
  for (const bundle of bundles) {
    const inner = list(object(bundle)["entry"]);
    for (const entry of inner.length > 0 ? inner : [{ resource: bundle }]) {
      const { fullUrl, resource } = object(entry);
      const key = text(fullUrl) || JSON.stringify(resource);
      entries.set(key, fullUrl === undefined ? { resource: resource ?? null } : { fullUrl, resource: resource ?? null });
    }
  }
  return writeExact({ resourceType: "Bundle", type: "collection", timestamp: now.toISOString(), entry: [...entries.values()] });
}
