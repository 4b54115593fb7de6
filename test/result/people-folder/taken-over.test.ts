import type { FaceOnPhoto } from '../../../src/people/decisions';
import { decisionsOf } from '../../../src/result/people-folder/taken-over';
import type { Gesture, GestureFacts } from '../../../src/result/people-folder/types';

const NAMES = new Map([
  [1, 'Anna'],
  [2, 'Ben'],
]);

const face = (photo: string, at: number): FaceOnPhoto => ({
  photo,
  box: { top: 0, right: at + 1, bottom: 1, left: at },
});

/** @param photos who is on each photo: numbers of people, `0` nobody, `-1` nobody and unclear */
function facts(photos: Readonly<Record<string, readonly number[]>>): GestureFacts {
  return {
    facesOn: (photo) =>
      (photos[photo] ?? []).map((person, at) => ({
        face: face(photo, at),
        person: person > 0 ? person : undefined,
        unclear: person < 0,
      })),
    likest: (faces, person) => (person === 3 ? faces[0] : faces.at(-1)) as FaceOnPhoto,
    areOne: (one, other) => one % 20 === other % 20,
    isHidden: (person) => person === 4,
    nameOf: (person) => NAMES.get(person) ?? `Person 0${person}`,
  };
}

const moved = (
  photo: string,
  from: 1 | 2 | 3 | 'unsorted' | 'unclear',
  to: 1 | 2 | 3 | 'unsorted' | 'unclear',
) => ({ kind: 'moved', photo, file: `x/${photo}.jpg`, from, to }) satisfies Gesture;
const added = (photo: string, to: 1 | 2 | 'unsorted') =>
  ({ kind: 'added', photo, file: `x/${photo}.jpg`, to }) satisfies Gesture;
const removed = (photo: string, from: 1 | 2 | 'unsorted') =>
  ({ kind: 'removed', photo, file: `x/${photo}.jpg`, from }) satisfies Gesture;

test.each<[string, Gesture[], Record<string, number[]>, unknown]>([
  [
    'a name',
    [{ kind: 'renamed', person: 3, from: 'Person 03', name: 'Carl' }],
    {},
    [{ decisions: [{ do: 'name', person: 3, name: 'Carl' }], message: 'Person 03 is now Carl.' }],
  ],
  [
    'a name that others are told by',
    [
      moved('p', 1, 3),
      { kind: 'merged', person: 2, into: 3, folder: 'x' },
      { kind: 'renamed', person: 3, from: 'Person 03', name: 'Carl' },
    ],
    { p: [1] },
    [
      { decisions: [{ do: 'name', person: 3, name: 'Carl' }], message: 'Person 03 is now Carl.' },
      { decisions: [{ do: 'merge', person: 2, into: 3 }], message: 'Ben was put into Carl: they are one.' },
      {
        decisions: [{ do: 'is', face: face('p', 0), person: 3 }],
        message: '1 photo moved from Anna to Carl.',
      },
    ],
  ],
  [
    'a person without a folder',
    [{ kind: 'deleted', person: 3, folder: 'x' }],
    {},
    [{ decisions: [{ do: 'hide', person: 3 }], message: 'Person 03 is hidden.' }],
  ],
  [
    'photos that were moved, together',
    [moved('p', 1, 2), moved('q', 1, 2), moved('r', 2, 1)],
    { p: [3, 1], q: [1, 1], r: [2] },
    [
      {
        decisions: [
          { do: 'is', face: face('p', 1), person: 2 },
          { do: 'is', face: face('q', 0), person: 2 },
          { do: 'is', face: face('q', 1), person: 2 },
        ],
        message: '2 photos moved from Anna to Ben.',
      },
      {
        decisions: [{ do: 'is', face: face('r', 0), person: 1 }],
        message: '1 photo moved from Ben to Anna.',
      },
    ],
  ],
  [
    'a photo of both',
    [moved('p', 1, 2), moved('q', 1, 2)],
    { p: [2, 1], q: [1] },
    [
      {
        decisions: [
          { do: 'not', face: face('p', 1), person: 1 },
          { do: 'is', face: face('q', 0), person: 2 },
        ],
        message:
          '2 photos moved from Anna to Ben. Ben is on "p.jpg" already, so the other face there is only no longer Anna\'s.',
      },
    ],
  ],
  ['a photo that is back with whom it shows', [moved('p', 1, 2)], { p: [2, 3] }, []],
  [
    'a photo of neither',
    [moved('p', 1, 2)],
    { p: [0] },
    [{ decisions: [{ do: 'is', face: face('p', 0), person: 2 }], message: '1 photo moved to Ben.' }],
  ],
  [
    "photos of nobody that are somebody's",
    [moved('p', 'unsorted', 1), moved('q', 'unsorted', 1), moved('r', 'unclear', 1)],
    { p: [2, 0], q: [0, -1, 0], r: [-1] },
    [
      {
        decisions: [
          { do: 'is', face: face('p', 1), person: 1 },
          { do: 'is', face: face('q', 2), person: 1 },
        ],
        message:
          '2 photos moved to Anna. Of several faces on "q.jpg", the one most like Anna was taken for Anna.',
      },
      { decisions: [{ do: 'is', face: face('r', 0), person: 1 }], message: '1 photo moved to Anna.' },
    ],
  ],
  [
    "photos that are nobody's",
    [moved('p', 1, 'unsorted'), moved('q', 1, 'unclear'), removed('r', 1), removed('s', 1)],
    { p: [1], q: [2, 1], r: [1], s: [2] },
    [
      {
        decisions: [
          { do: 'not', face: face('p', 0), person: 1 },
          { do: 'not', face: face('q', 1), person: 1 },
        ],
        message: "2 photos are no longer Anna's.",
      },
      { decisions: [{ do: 'not', face: face('r', 0), person: 1 }], message: "1 photo is no longer Anna's." },
    ],
  ],
  [
    'what says nothing',
    [moved('p', 'unsorted', 'unclear'), removed('p', 'unsorted'), added('p', 'unsorted')],
    { p: [0] },
    [],
  ],
  [
    'photos that were added',
    [added('p', 1), added('q', 1), added('r', 1), added('s', 1), added('t', 1)],
    { p: [0, 2], q: [1, 0], r: [2, 3], s: [0, 0] },
    [
      {
        decisions: [
          { do: 'is', face: face('p', 0), person: 1 },
          { do: 'is', face: face('s', 1), person: 1 },
        ],
        message:
          '2 photos put into the folder of Anna. Of several faces on "s.jpg", the one most like Anna was taken for Anna. ' +
          'Nothing follows from "r.jpg" in the folder of Anna: all faces there are somebody else\'s. ' +
          'Nothing follows from "t.jpg" in the folder of Anna: no faces are known there.',
      },
    ],
  ],
  [
    'many that say nothing',
    ['p', 'q', 'r', 's', 't'].map((photo) => added(photo, 2)),
    {},
    [
      {
        decisions: [],
        message:
          'Nothing follows from "p.jpg", "q.jpg", "r.jpg" and 2 more in the folder of Ben: no faces are known there.',
      },
    ],
  ],
  [
    'a folder of somebody new',
    [
      {
        kind: 'new-folder',
        name: 'Carl',
        photos: [
          { photo: 'p', from: 1 },
          { photo: 'q', from: 'unsorted' },
          { photo: 'r', from: 'unsorted' },
          { photo: 's', from: 2 },
        ],
      },
    ],
    { p: [2, 1], q: [1, 0], r: [0, 0], s: [1] },
    [
      {
        decisions: [{ do: 'split', faces: [face('p', 1), face('q', 1), face('r', 1)] }],
        message:
          'The 3 photos in the folder "Carl" show Carl. On 1 of them one of several faces was taken. ' +
          'Nothing follows from 1 photo in "Carl": all faces there are somebody else\'s.',
        name: 'Carl',
      },
    ],
  ],
  [
    'a folder of somebody new without a name',
    [{ kind: 'new-folder', name: 'Person 09', photos: [{ photo: 'p', from: 1 }] }],
    { p: [1] },
    [
      {
        decisions: [{ do: 'split', faces: [face('p', 0)] }],
        message: 'The 1 photo in the folder "Person 09" shows somebody new.',
      },
    ],
  ],
  [
    'a folder of somebody new whom a killed run has not named yet',
    [
      {
        kind: 'new-folder',
        name: 'Carl',
        photos: [
          { photo: 'p', from: 1 },
          { photo: 'q', from: 1 },
        ],
      },
    ],
    { p: [3, 2], q: [2, 3] },
    [{ decisions: [{ do: 'name', person: 3, name: 'Carl' }], message: 'Person 03 is now Carl.' }],
  ],
  [
    'what is so already',
    [
      { kind: 'deleted', person: 4, folder: 'x' },
      { kind: 'renamed', person: 1, from: 'Person 01', name: 'Anna' },
      { kind: 'merged', person: 2, into: 22, folder: 'x' },
      moved('p', 3, 2),
      { kind: 'new-folder', name: 'Anna', photos: [{ photo: 'q', from: 'unsorted' }] },
      {
        kind: 'new-folder',
        name: 'Person 09',
        photos: [
          { photo: 'r', from: 2 },
          { photo: 's', from: 'unsorted' },
        ],
      },
      removed('q', 2),
    ],
    { p: [2, 1], q: [1, 0], r: [4, 0], s: [0, 4] },
    [],
  ],
  [
    'what was ignored',
    [{ kind: 'ignored', file: 'x', why: 'It is so.' }],
    {},
    [{ decisions: [], message: 'It is so.' }],
  ],
])('%s', (_, gestures, photos, expected) => {
  expect(decisionsOf(gestures, facts(photos))).toEqual(expected);
});
