import { FaceError } from '../../base/errors';
import type { PhotoId } from '../../base/ids';
import { type FileCount, photosAndVideos } from '../file-count';
import { entryOf, type PhotoEntry } from '../photo-store';
import type { JournalReport } from './journal';
import {
  FORMAT,
  isHeader,
  isPhoto,
  isSettings,
  type PhotoRecord,
  type SettingsRecord,
  type StoredFrames,
  VERSION,
} from './records';
import type { ScannedLine } from './scan';

/** Where in the journal a photo's result is, and what of it is needed before it is read. */
export interface JournalEntry extends PhotoEntry {
  readonly offset: number;
  readonly length: number;
}

/** What is known of a path without reading the file. */
export interface KnownPhoto {
  readonly content: PhotoId;
  /** See `photoState`. */
  readonly state: string | undefined;
}

/** What a journal holds, without the faces: about 400 bytes for each photo, whatever is on it. */
export class JournalContents {
  /** By path, what its last record says, and where that is. */
  readonly photos = new Map<string, KnownPhoto & { readonly offset: number }>();
  /** By content, what there is under the settings whose results count. */
  readonly entries = new Map<PhotoId, JournalEntry>();
  /** By content, which frames of videos are looked at, and where that is. */
  readonly frames = new Map<PhotoId, StoredFrames & { readonly offset: number }>();
  /** By id, all settings that have been written down. */
  readonly settingsRecords = new Map<string, SettingsRecord>();
  /** Length of all lines about a content, under whatever settings. */
  readonly #lengths = new Map<string, number>();
  /** Where the last result of each content is, by the settings of these. */
  readonly #resultsOf = new Map<string, Map<string, number>>();

  /** @param settings id of those whose results count */
  constructor(private readonly settings: string) {}

  /**
   * How many photos and videos are known: contents with a result of this run's settings, and of others only. What photos were before they
   * were edited, or written into, does not count.
   */
  count(): Pick<JournalReport, 'photos' | 'videos' | 'others'> {
    const isKnown = (content: PhotoId) => this.entries.has(content);
    const others = [...this.#resultsOf].flatMap(([id, contents]) => {
      const record = id === this.settings ? undefined : this.settingsRecords.get(id);
      if (!record) return [];
      const files = this.#files((content) => contents.has(content) && !isKnown(content));
      return files.photos + files.videos > 0 ? [{ settings: record.are, ...files }] : [];
    });
    return { ...this.#files(isKnown), others };
  }

  /** How many photos and videos there are results of, under any settings. */
  get withResults(): FileCount {
    const all = [...this.#resultsOf.values()];
    return this.#files((content) => all.some((contents) => contents.has(content)));
  }

  /** Those of which this is so of what they contain, each content once; not of what they contained before. There may be millions. */
  #files(isSo: (content: PhotoId) => boolean): FileCount {
    const paths = new Map<PhotoId, string>();
    for (const [path, { content }] of this.photos) if (isSo(content)) paths.set(content, path);
    return photosAndVideos(paths.values());
  }

  /** The content of the file at `path`, if its state is the one that it had then. */
  contentOf(path: string, state: string | undefined): string | undefined {
    const known = this.photos.get(path);
    return known && state !== undefined && known.state === state ? known.content : undefined;
  }

  /** Whether the result in the record at `offset` is the last one of this content under these settings. */
  isLastResult(content: string, settings: string, offset: number): boolean {
    return this.#resultsOf.get(settings)?.get(content) === offset;
  }

  /** Bytes of all lines about a content. */
  lengthOf(content: string): number {
    return this.#lengths.get(content) ?? 0;
  }

  addPhoto(
    { path, content, state, settings, result, frames }: PhotoRecord,
    { offset, length }: Pick<ScannedLine, 'offset' | 'length'>,
  ): void {
    this.photos.set(path, { content, state, offset });
    this.#lengths.set(content, this.lengthOf(content) + length);
    if (frames) this.frames.set(content, { ...frames, offset });
    if (result === undefined || settings === undefined) return;
    const contents = this.#resultsOf.get(settings) ?? new Map();
    this.#resultsOf.set(settings, contents.set(content, offset));
    if (settings !== this.settings) return;
    this.entries.set(content, { offset, length, ...entryOf(path, result) });
  }
}

/** What reading a journal brings to light. */
export interface ReadContents {
  readonly contents: JournalContents;
  /** Up to where it is whole; the rest was cut off. 0 if not even the header is there. */
  readonly end: number;
  /** Number of lines that were damaged. */
  readonly damaged: number;
}

/**
 * @param lines all of the journal
 * @param path of the journal, for messages
 * @param anyVersion whether to accept one from another version of this package; its records may then seem damaged
 * @throws FaceError FACE_JOURNAL_INVALID for what is not a journal, or from a newer version of this package
 */
export async function readContents(
  lines: AsyncIterable<ScannedLine>,
  settings: string,
  path: string,
  anyVersion: boolean,
): Promise<ReadContents> {
  const contents = new JournalContents(settings);
  let end = 0;
  let damaged = 0;
  for await (const line of lines) {
    const { offset, length, value } = line;
    if (offset === 0) checkHeader(value, path, anyVersion);
    else if (isPhoto(value)) contents.addPhoto(value, line);
    else if (isSettings(value)) contents.settingsRecords.set(value.settings, value);
    else damaged++;
    end = offset + length;
  }
  return { contents, end, damaged };
}

function checkHeader(value: object | undefined, path: string, anyVersion: boolean): void {
  if (!isHeader(value)) throw notAJournal(path);
  if (value.version === VERSION || anyVersion) return;
  const remedy = 'Use that version, or start over with --fresh (fresh: true), which replaces it.';
  throw new FaceError(
    'FACE_JOURNAL_INVALID',
    `The journal ${path} was written by another version of face-cluster-native (its format is ${value.version}, ` +
      `this version knows ${VERSION}). ${remedy} Nothing was changed.`,
    { path, remedy },
  );
}

export function notAJournal(path: string): FaceError {
  const remedy = 'Move it away, or choose another encodings file.';
  return new FaceError(
    'FACE_JOURNAL_INVALID',
    `${path} is not a journal of face-cluster-native (its first line should say "${FORMAT}"), or its beginning is ` +
      `damaged. ${remedy} Nothing was changed.`,
    { path, remedy },
  );
}
