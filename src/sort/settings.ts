import { join } from 'node:path';
import { FaceError } from '../base/errors';
import type { DetectionMethod } from '../base/types';
import { RAW_AND_JPEG, type RawAndJpeg } from '../photos/raw-and-jpeg';
import type { Placed } from '../result/originals/place-photo';
import { writeFileAtomically } from '../system/atomic-file';
import { readTextIfThere } from '../system/read-text';
import { type Applied, isApplied } from './applied';

/** How the photos of a people folder are sorted: what the first run chose, and later ones take unless they are told otherwise. */
export interface SortChoices {
  readonly method: DetectionMethod;
  /** 0: photos are not reduced. */
  readonly detectSize: number;
  /** `null`: the default of the method, see `linkage`. */
  readonly threshold: number | null;
  readonly minPhotos: number;
  readonly files: Placed;
  /** See `EncodeFacesOptions`: how many seconds apart frames of videos are; 0: videos are left out. Absent before there were any. */
  readonly video?: number;
  /** What is left out, see `LeaveOutOptions`. */
  readonly includeHidden: boolean;
  readonly exclude: readonly string[];
  /** Absent after runs of versions that knew no raw photos. */
  readonly rawAndJpeg?: RawAndJpeg;
}

/** Chosen for people, not for parity: large photos are reduced to where nothing is missed that can be recognized. */
export const FIRST_CHOICES: SortChoices = {
  method: 'cnn',
  detectSize: 1600,
  threshold: null,
  minPhotos: 3,
  files: 'hardlink',
  includeHidden: false,
  exclude: [],
  rawAndJpeg: 'one',
};

/** What a people folder remembers between runs. */
export interface SortSettings extends SortChoices {
  /** The folders and photos that are sorted, without links on the way. */
  readonly photos: readonly string[];
  /** How many faces there were when people were last compared with each other; 0: never. */
  readonly compared: number;
  /** Up to where the folder shows what was decided; absent after runs of versions that did not note it: it shows all of it then. */
  readonly applied?: Applied;
}

const FORMAT = 'face-cluster-native sort';
const VERSION = 1;

/** The file in the folder of data. */
function settingsPath(data: string): string {
  return join(data, 'sort.json');
}

/**
 * @returns `undefined` before the first run
 * @throws FaceError FACE_RESULT_INVALID if the file is damaged or of a newer version; FACE_IO
 */
export async function readSettings(data: string): Promise<SortSettings | undefined> {
  const path = settingsPath(data);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const { format, version, ...settings } = parsed(text);
  if (format === FORMAT && version !== VERSION) {
    const remedy = 'Use the version of this program that wrote it.';
    throw new FaceError('FACE_RESULT_INVALID', `${path} is of another version. ${remedy}`, { path, remedy });
  }
  if (format === FORMAT && areSettings(settings)) return settings;
  const remedy =
    'Delete it, and give the folders with the photos once more: people and decisions are in other files.';
  throw new FaceError('FACE_RESULT_INVALID', `${path} is damaged. ${remedy}`, { path, remedy });
}

type Fields = Readonly<Partial<Record<keyof SortSettings | 'format' | 'version', unknown>>>;

function parsed(text: string): Fields {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function areSettings(fields: Fields): fields is SortSettings {
  const {
    photos,
    method,
    detectSize,
    threshold,
    minPhotos,
    files,
    compared,
    includeHidden,
    exclude,
    rawAndJpeg,
    applied,
    video = 0,
  } = fields as SortSettings;
  return (
    [photos, exclude].every(areTexts) &&
    typeof includeHidden === 'boolean' &&
    ['cnn', 'hog'].includes(method) &&
    ['hardlink', 'copy', 'symlink'].includes(files) &&
    (rawAndJpeg === undefined || RAW_AND_JPEG.includes(rawAndJpeg)) &&
    (applied === undefined || isApplied(applied)) &&
    Number.isFinite(video) &&
    video >= 0 &&
    (threshold === null || (Number.isFinite(threshold) && threshold >= 0)) &&
    [detectSize, minPhotos - 1, compared].every((value) => Number.isSafeInteger(value) && value >= 0)
  );
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

/** @throws FaceError FACE_IO; what was there before is still there then */
export async function writeSettings(data: string, settings: SortSettings): Promise<void> {
  await writeFileAtomically(settingsPath(data), 'settings', async (handle) => {
    await handle.appendFile(
      `${JSON.stringify({ format: FORMAT, version: VERSION, ...settings }, null, 2)}\n`,
    );
  });
}
