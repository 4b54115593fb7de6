import { foldedName } from '../../system/file-name';
import { folderName } from '../people-folder/names';

/** What the folders of people who last are called: each once, also where case is no difference. */
export class FolderNames {
  readonly #taken = new Set<string>();

  /** @param photos how many the folder is to hold */
  take(label: number, name: string | undefined, photos: number): string {
    const isFree = (folder: string) => !this.#taken.has(foldedName(folder));
    const folder = folderName(label < 0 ? 'unsorted' : label, name, photos, isFree);
    this.#taken.add(foldedName(folder));
    return folder;
  }
}
