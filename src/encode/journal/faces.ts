import { open } from 'node:fs/promises';
import { throwIfAborted } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import type { FaceRecord, PhotoFacts } from '../../base/types';
import type { FaceMeasures } from '../../engine/faces';
import { sha256 } from '../../system/sha256';
import type { KnownPhoto } from './contents';
import { journalPath } from './paths';
import { factsIn, isHeader, isPhoto, restoreMeasures, storeResult } from './records';
import { scanLines } from './scan';

/** What a journal knows of a face in the encodings file beside it; 1 KB more where mirror images were encoded. */
export interface JournalFace extends FaceMeasures {
  /** The detector's, see `DetectedFace`. */
  readonly score: number;
  /** The photos that exactly this face was found on: several if these differ in more than their pixels. */
  readonly contents: ReadonlySet<PhotoId>;
}

/** What a journal knows of the faces in the encodings file beside it, and of their photos. */
export interface JournalKnowledge {
  /** In the order of the encodings file. */
  readonly faces: readonly (JournalFace | undefined)[];
  /** What was last found at the paths of the photos. */
  readonly photos: ReadonlyMap<string, KnownPhoto>;
  /** What was last found at all other paths where there was a photo: none of the faces is there. */
  readonly others: ReadonlyMap<string, KnownPhoto>;
  /** What is known of photos that could be decoded; `undefined`: nothing else. */
  readonly facts: ReadonlyMap<PhotoId, PhotoFacts | undefined>;
}

/**
 * Looks faces up in the journal of their encodings file, each by its box and encoding, whatever photo it is said to be on
 * and with whatever settings it was found. Only reads; another run may be writing to the journal.
 * @returns `undefined` if there is no journal that can be read
 * @throws FaceError FACE_ABORTED
 */
export async function readJournalFaces(
  encodings: string,
  records: readonly FaceRecord[],
  signal: AbortSignal | undefined,
): Promise<JournalKnowledge | undefined> {
  const handle = await open(await journalPath(encodings), 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const keys = records.map(({ loc, encoding }) => {
      const { faces } = storeResult({ width: 0, height: 0, faces: [{ box: loc, score: 0, encoding }] });
      return keyOf(faces[0] as (typeof faces)[0]);
    });
    const wanted = new Map<string, (JournalFace & { readonly contents: Set<PhotoId> }) | undefined>();
    for (const key of keys) wanted.set(key, undefined);
    const paths = new Set(records.map(({ imagePath }) => imagePath));
    const photos = new Map<string, KnownPhoto>();
    const others = new Map<string, KnownPhoto>();
    const facts = new Map<PhotoId, PhotoFacts | undefined>();
    let begun = false;
    for await (const { value } of scanLines(handle)) {
      throwIfAborted(signal);
      if (!begun && !isHeader(value)) return undefined;
      begun = true;
      if (!isPhoto(value)) continue;
      const { path, content, state, result } = value;
      (paths.has(path) ? photos : others).set(path, { content, state });
      if (result && !result.problem) facts.set(content, factsIn(result) ?? facts.get(content));
      for (const face of result?.faces ?? []) {
        const key = keyOf(face);
        if (!wanted.has(key)) continue;
        const known = wanted.get(key);
        const contents = (known?.contents ?? new Set()).add(content);
        // Of several runs, each may have measured what the others have not.
        wanted.set(key, { ...known, score: face.score, ...restoreMeasures(face), contents });
      }
    }
    return { faces: keys.map((key) => wanted.get(key)), photos, others, facts };
  } catch (error) {
    throwIfAborted(signal);
    // The faces are what matters; what a failing disk has left of the journal is a matter for "encode".
    if (typeof (error as NodeJS.ErrnoException).syscall === 'string') return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

/** Hashed: a million faces are looked for at once. */
function keyOf({ box, encoding }: { readonly box: readonly number[]; readonly encoding: string }): string {
  return sha256(`${box.join(' ')} ${encoding}`).slice(0, 32);
}
