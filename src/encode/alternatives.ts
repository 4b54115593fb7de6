import type { ListedPhoto, SampledPhoto } from '../photos/largest-first';
import { type EncodePhotoOptions, PhotoEncoder, type PhotoOutcome } from './encode-photo';
import { type Forecast, WorkClock } from './forecast';
import type { PhotoResult } from './journal/records';
import type { EncodeChoices } from './journal/settings';
import type { PhotoStore } from './photo-store';
import type { EncodeAlternative } from './time-left';

/** What large photos are reduced to: what is missed then can hardly be recognized. */
const DETECT_SIZE = 1600;
/** How many times as fast a way has to be to be worth what it misses. */
const WORTH = 1.25;

/** Quicker ways to look for faces than the one that was chosen. */
function alternativesTo({ detectSize, ...choices }: EncodeChoices): EncodeChoices[] {
  const reduced = detectSize === undefined ? {} : { detectSize };
  return [
    ...(choices.method === 'cnn' ? [{ ...choices, ...reduced, method: 'hog' as const }] : []),
    ...(detectSize === undefined || detectSize > DETECT_SIZE
      ? [{ ...choices, detectSize: DETECT_SIZE }]
      : []),
  ];
}

/** Keeps nothing. */
const NOWHERE: PhotoStore = {
  entry: () => undefined,
  result: () => Promise.reject(new TypeError('nothing is kept')),
  add: async (_, { faces, ...result }: PhotoResult) => ({ ...result, faces: faces.length, mirrored: true }),
  recognize: async () => {},
};

/**
 * How long the rest would take in quicker ways, by doing some of the photos that are done over again in each, with nothing else
 * going on: a few seconds for each way. What comes of the photos is not kept.
 * @param sample photos that are done
 * @param forecast what is known of the rest
 * @throws FaceError as `PhotoEncoder.encodeAll` does
 */
export async function measureAlternatives<T extends ListedPhoto>(
  sample: readonly SampledPhoto<T>[],
  forecast: Forecast<T>,
  options: Omit<EncodePhotoOptions, 'store'> & {
    readonly jobs: number;
    readonly signal: AbortSignal | undefined;
    readonly stop: AbortSignal | undefined;
  },
): Promise<EncodeAlternative[]> {
  const { secondsLeft = 0 } = forecast;
  const measured: EncodeAlternative[] = [];
  for (const settings of alternativesTo(options.settings)) {
    const share = await shareOfTime(sample, forecast, { ...options, settings });
    if (share === undefined || share * WORTH > 1) continue;
    const { method, detectSize } = settings;
    const reduced = detectSize === undefined ? {} : { detectSize };
    measured.push({ method, ...reduced, secondsLeft: share * secondsLeft });
  }
  return measured;
}

/** The time that the photos take, by that which they are expected to take as chosen; `undefined` if none can be read. */
async function shareOfTime<T extends ListedPhoto>(
  sample: readonly SampledPhoto<T>[],
  forecast: Forecast<T>,
  options: Parameters<typeof measureAlternatives>[2],
): Promise<number | undefined> {
  const encoder = new PhotoEncoder({ ...options, store: NOWHERE });
  const clock = new WorkClock<SampledPhoto<T>>(options.jobs);
  function* begin() {
    for (const sampled of sample) {
      clock.begin(sampled);
      yield { ...sampled.photo, sampled };
    }
  }
  let taken = 0;
  let expected = 0;
  const onDone = ({ sampled }: { sampled: SampledPhoto<T> }, outcome: PhotoOutcome) => {
    const seconds = clock.end(sampled);
    if ('problem' in outcome) return;
    const { width, height } = outcome.entry;
    taken += sampled.weight * seconds;
    expected += sampled.weight * forecast.secondsFor(width * height);
  };
  await encoder.encodeAll(begin(), options, onDone, ({ sampled }, stage) => clock.reach(sampled, stage));
  return expected > 0 ? taken / expected : undefined;
}
