'use strict';
/*
 * Which room of the house may know of which. A room is a folder of src; the files beside them, the use cases and the public
 * API, are one together. A room imports from rooms on floors below it only. `npm run house` counts; CI fails on an arrow
 * up, and on a room that has no floor.
 */
const { FLOORS, pathOf } = require('./scripts/house/floors');

module.exports = {
  forbidden: [
    ...FLOORS.flatMap((floor, i) =>
      floor.map((room) => ({
        name: `${room === '.' ? 'the use cases' : room}: from floors below only`,
        severity: 'error',
        from: { path: pathOf([room]) },
        to: {
          path: pathOf(
            FLOORS.slice(i)
              .flat()
              .filter((other) => other !== room),
          ),
        },
      })),
    ).filter(({ to }) => to.path !== ''),
    {
      name: 'every room has a floor',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: pathOf(FLOORS.flat()) },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count as well: who needs the shape of a thing knows of it.
    tsPreCompilationDeps: true,
    parser: 'swc',
  },
};
