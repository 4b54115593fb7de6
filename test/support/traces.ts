import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** All files below a folder, hidden ones too, with what is in them. */
export function filesIn(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path)]),
  );
}

/** In which files and names of files and folders below a folder one of these stands: `file: what`. */
export function tracesIn(folder: string, wanted: Readonly<Record<string, readonly Buffer[]>>): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).join('\n');
  const all = new Map([...filesIn(folder), ['(names)', Buffer.from(names)]]);
  return Object.entries(wanted).flatMap(([what, forms]) =>
    [...all].flatMap(([file, bytes]) =>
      forms.some((form) => bytes.includes(form)) ? `${file}: ${what}` : [],
    ),
  );
}

/** How a name may be written. */
export function formsOfName(name: string): Buffer[] {
  const texts = [name, name.normalize('NFD')].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    text.replaceAll('"', '&quot;'),
    text.replaceAll('"', '_'),
    encodeURIComponent(text),
    text.toLowerCase(),
  ]);
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

/**
 * How a part of an encoding may be written: as numbers of 64 and 32 bits in both orders, in base64 wherever it begins, and as text. A
 * part only, so that it is found where the rest is missing, too.
 */
export function formsOfEncoding(encoding: Float64Array): Buffer[] {
  const part = [...encoding.subarray(40, 52)];
  const raw = [8, 4].flatMap((width) =>
    [true, false].map((little) => {
      const bytes = Buffer.alloc(part.length * width);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (const [i, value] of part.entries()) {
        if (width === 8) view.setFloat64(8 * i, value, little);
        else view.setFloat32(4 * i, value, little);
      }
      return bytes;
    }),
  );
  const inBase64 = raw.flatMap((bytes) =>
    // Three bytes are four letters: those at the ends depend on what is beside them.
    [0, 1, 2].map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      return Buffer.from(text.slice(4, -4));
    }),
  );
  return [...raw, ...inBase64, Buffer.from(part.slice(0, 2).join(','))];
}
