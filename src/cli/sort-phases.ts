import type { SortProgress } from '../sort/arrange';
import { PHASE_TITLES } from '../sort/phases';
import type { Phase } from './output';

/** What is being done, for the bars of all commands on people. */
export const SORT_PHASES: Readonly<Record<SortProgress['phase'], Phase>> = {
  videos: { name: 'videos', title: PHASE_TITLES.videos, unit: 'video' },
  encode: { name: 'encode', title: PHASE_TITLES.encode, unit: 'photo' },
  known: { name: 'known', title: PHASE_TITLES.known, unit: 'photo' },
  read: { name: 'read', title: PHASE_TITLES.read, unit: '' },
  locate: { name: 'locate', title: PHASE_TITLES.locate, unit: 'photo' },
  cluster: { name: 'cluster', title: PHASE_TITLES.cluster, unit: '' },
  names: { name: 'names', title: PHASE_TITLES.names, unit: 'photo' },
  faces: { name: 'faces', title: PHASE_TITLES.faces, unit: 'photo' },
  montage: { name: 'montage', title: PHASE_TITLES.montage, unit: 'overview picture' },
  finish: { name: 'finish', title: PHASE_TITLES.finish, unit: '' },
  files: { name: 'files', title: PHASE_TITLES.files, unit: 'file' },
};
