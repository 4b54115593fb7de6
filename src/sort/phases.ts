import type { SortProgress } from './arrange';

/** What is being done in each phase, in words. */
export const PHASE_TITLES: Readonly<Record<SortProgress['phase'], string>> = {
  videos: 'Looking through the videos',
  encode: 'Looking for faces',
  known: 'Looking at those you know',
  read: 'Reading the faces',
  locate: 'Looking for the photos',
  cluster: 'Comparing the faces',
  names: 'Reading the names in photos',
  faces: 'Cutting out the faces',
  montage: 'Drawing',
  finish: 'Writing the page',
  files: 'Updating the folders',
};
