import { besideEncodings } from '../../encodings/beside';

/** Where the journal of an encodings file is. */
export function journalPath(encodings: string): Promise<string> {
  return besideEncodings(encodings, 'journal', '.lock.heal');
}
