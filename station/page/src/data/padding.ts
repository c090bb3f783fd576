// Buckets, so that the size of a sealed message says little of what is in it: the booth's kiosk/secure/padding.py.

export function bucket(size: number): number {
  let step = 128;
  while (step < size) {
    if (step * 1.5 >= size) return step * 1.5;
    step *= 2;
  }
  return step;
}

/** A JSON text with spaces after it up to its bucket: every JSON reader passes over them. */
export function padded(text: Uint8Array): Uint8Array {
  const all = new Uint8Array(bucket(text.length)).fill(0x20);
  all.set(text);
  return all;
}
