'use strict';

/** The rooms of src, from the ground up; `.` stands for cluster.ts, info.ts and index.ts. */
const FLOORS = [
  ['base'],
  ['system', 'native'],
  ['models', 'photos', 'encodings', 'clustering'],
  ['engine', 'metadata'],
  ['encode'],
  ['people', 'queue'],
  ['result', 'recognize'],
  ['sort'],
  ['album', 'evaluate', 'web'],
  ['.', 'doctor'],
  ['cli'],
];

/** A pattern for the files of these rooms. */
function pathOf(rooms) {
  return rooms.map((room) => (room === '.' ? '^src/[^/]+[.]ts$' : `^src/${room}/`)).join('|');
}

/** The room of a file of src. */
function roomOf(file) {
  return file.split('/').length === 2 ? '.' : file.split('/')[1];
}

module.exports = { FLOORS, pathOf, roomOf };
