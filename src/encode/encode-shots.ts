import type { PhotoId } from '../base/ids';
import type { PhotoProblem, PhotoWarning } from '../base/photo-problem';
import { byPath } from '../photos/find';
import type { BesidePictures } from '../photos/raw-and-jpeg';
import { isDamage, RawInstead, shotsWithRaw } from '../photos/raw-instead';
import { fileOfPath } from '../photos/video/frame-path';
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
 * As {@link encodePhotos}; where no JPEG or HEIC of a shot can be decoded, a raw photo beside it is taken in its place, see
 * {@link RawInstead}. Such raw photos come after all others, and this process alone looks at them: they are few.
 * @param rawBeside raw photos that are not among `photos`, with the pictures that are
 * @throws FaceError as `encodePhotos`
 */
export async function encodeShots(
  photos: readonly string[],
  rawBeside: BesidePictures,
  options: EncodePhotosOptions,
): Promise<EncodedShots> {
  const shots = shotsWithRaw(rawBeside);
  const pictures = new Set(shots.flatMap((shot) => shot.pictures));
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

  const problems = { get: (picture: string) => damaged.get(picture)?.problem };
  const lost = shots.flatMap((shot) => RawInstead.of(shot, problems) ?? []);
  const isLost = new Set(lost.map(({ picture }) => picture));
  const done = new Map(
    photos.map((path, i) => [path, { path, outcome: isLost.has(path) ? undefined : outcomes[i] }]),
  );
  const settle = (picture: string, path: string, outcome: PhotoOutcome) => {
    done.set(picture, { path, outcome });
    options.onOutcome(path, outcome, { work: 1, secondsLeft: undefined });
  };
  for (const [picture, outcome] of damaged) if (!isLost.has(picture)) settle(picture, picture, outcome);
  const instead: PhotoWarning[] = [];
  const contents = [...damaged.values()].flatMap(({ content }) => content ?? []);
  // In rounds: all of which the first raw photo is to be looked at, those of which it is the second, …
  for (let round = lost; round.length > 0 && !options.stop?.aborted; ) {
    const next: RawInstead[] = [];
    const byRaw = new Map(round.map((shot) => [shot.raw as string, shot]));
    await encodePhotos([...byRaw.keys()], {
      ...options,
      work: undefined,
      onForecast: undefined,
      onOutcome: (raw, found) => {
        const shot = byRaw.get(raw) as RawInstead;
        const { picture } = shot;
        if (!('problem' in found)) {
          instead.push(shot.warning);
          return settle(picture, raw, found);
        }
        if (found.content !== undefined) contents.push(found.content);
        shot.fail(found.problem);
        if (shot.raw !== undefined) next.push(shot);
        else settle(picture, picture, { ...(damaged.get(picture) as Damaged), problem: shot.problem });
      },
    });
    round = next;
  }
  const inOrder = [...done.values()].sort((a, b) => byPath(fileOfPath(a.path), fileOfPath(b.path)));
  return {
    photos: inOrder.map(({ path }) => path),
    outcomes: inOrder.map(({ outcome }) => outcome),
    instead: instead.sort((a, b) => byPath(a.path, b.path)),
    damaged: contents,
  };
}

function isDamaged(outcome: PhotoOutcome): outcome is Damaged {
  return 'problem' in outcome && isDamage(outcome.problem);
}
