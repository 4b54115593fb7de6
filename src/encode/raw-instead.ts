import type { PhotoId } from '../base/ids';
import type { PhotoProblem } from '../base/photo-problem';
import { byPath } from '../photos/find';
import type { BesidePictures } from '../photos/raw-and-jpeg';
import { fileOfPath } from '../photos/video/frame-path';
import type { PhotoWarning } from './encode';
import type { PhotoOutcome } from './encode-photo';
import { type EncodePhotosOptions, encodePhotos } from './encode-photos';

/** What came of photos, some of which are raw ones in the place of damaged pictures. */
export interface EncodedShots {
  /** In their order. */
  readonly photos: readonly string[];
  /** Of each; a hole where `stop` came first. */
  readonly outcomes: readonly (PhotoOutcome | undefined)[];
  /** The raw photos that were taken, and why, in their order. */
  readonly instead: readonly PhotoWarning[];
  /** What was found to be damaged on the way, pictures and raw photos: all that has to stay known beside the outcomes. */
  readonly damaged: readonly PhotoId[];
}

type Damaged = PhotoOutcome & { readonly problem: PhotoProblem };

/**
 * As {@link encodePhotos}; where no JPEG or HEIC of a shot can be decoded, the raw photo beside it is taken in its place. Such raw photos
 * come after all others, and this process alone looks at them: they are few.
 * @param rawBeside raw photos that are not among `photos`, with the pictures that are
 * @throws FaceError as `encodePhotos`
 */
export async function encodeShots(
  photos: readonly string[],
  rawBeside: BesidePictures,
  options: EncodePhotosOptions,
): Promise<EncodedShots> {
  const pictures = new Set([...rawBeside.values()].flat());
  const damaged = new Map<string, Damaged>();
  const outcomes = await encodePhotos(photos, {
    ...options,
    onOutcome: (photo, outcome, progress) => {
      // What is to be said of it is known when its raw photo has been looked at.
      if (pictures.has(photo) && isDamaged(outcome)) damaged.set(photo, outcome);
      else options.onOutcome(photo, outcome, progress);
    },
  });
  if (damaged.size === 0) return { photos, outcomes, instead: [], damaged: [] };

  const pictureOf = lostPictures(rawBeside, damaged);
  const lost = new Set(pictureOf.values());
  const tell = (path: string, outcome: PhotoOutcome) =>
    options.onOutcome(path, outcome, { work: 1, secondsLeft: undefined });
  for (const [picture, outcome] of damaged) if (!lost.has(picture)) tell(picture, outcome);
  const shots = new Map(
    photos.map((path, i) => [path, { path, outcome: lost.has(path) ? undefined : outcomes[i] }]),
  );
  const instead: PhotoWarning[] = [];
  const contents = [...damaged.values()].flatMap(({ content }) => content ?? []);
  await encodePhotos([...pictureOf.keys()], {
    ...options,
    work: undefined,
    onForecast: undefined,
    onOutcome: (raw, found) => {
      const picture = pictureOf.get(raw) as string;
      const before = damaged.get(picture) as Damaged;
      const { reason } = before.problem;
      const isLost = 'problem' in found;
      if (isLost && found.content !== undefined) contents.push(found.content);
      const path = isLost ? picture : raw;
      const outcome = isLost
        ? { ...before, problem: { ...before.problem, reason: `${reason} ${found.problem.reason}` } }
        : found;
      if (!isLost) instead.push({ path, reason: `${reason} The raw photo "${raw}" was taken instead.` });
      shots.set(picture, { path, outcome });
      tell(path, outcome);
    },
  });
  const inOrder = [...shots.values()].sort((a, b) => byPath(fileOfPath(a.path), fileOfPath(b.path)));
  return {
    photos: inOrder.map(({ path }) => path),
    outcomes: inOrder.map(({ outcome }) => outcome),
    instead: instead.sort((a, b) => byPath(a.path, b.path)),
    damaged: contents,
  };
}

/** Only what would end the same way again: a photo must not have one name today and another tomorrow. */
function isDamaged(outcome: PhotoOutcome): outcome is Damaged {
  return 'problem' in outcome && outcome.problem.code === 'FACE_IMAGE_DECODE';
}

/** The raw photos of which no picture is left, each with the one in whose place it is taken. */
function lostPictures(rawBeside: BesidePictures, damaged: ReadonlyMap<string, Damaged>): Map<string, string> {
  const taken = new Set<string>();
  const lost = new Map<string, string>();
  for (const [raw, pictures] of rawBeside) {
    const [first] = pictures as readonly [string];
    // Of two raw photos of one shot, one is enough.
    if (taken.has(first) || !pictures.every((picture) => damaged.has(picture))) continue;
    taken.add(first);
    lost.set(raw, first);
  }
  return lost;
}
