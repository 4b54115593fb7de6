import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaceRecord } from '../../src/base/types';
import { writeEncodings } from '../../src/encodings/encodings';
import { checkBuilt, MAIN } from '../support/cli';
import { samplePhoto, useTempFolder } from '../support/files';
import { randomIntegers } from '../support/pickle-bytes';
import { testWithTerminal } from '../support/terminal';

const temp = useTempFolder();

testWithTerminal('cluster-progress')(
  'on a terminal, comparing many faces shows how far it is and how long the rest takes',
  async () => {
    checkBuilt();
    // None is a core point, and all are neighbours: few faces that take long.
    const faces = 9_000;
    mkdirSync(join(temp(), 'photos'));
    writeFileSync(join(temp(), 'photos', 'all.jpg'), readFileSync(samplePhoto('sample1.jpg')));
    const random = randomIntegers(3);
    const record = (): FaceRecord => ({
      imagePath: 'photos/all.jpg',
      loc: { top: 10, right: 90, bottom: 90, left: 10 },
      encoding: Float64Array.from({ length: 128 }, () => random(1 << 16) / (1 << 16)),
    });
    await writeEncodings(join(temp(), 'many.pickle'), Array.from({ length: faces }, record));
    const { CI: _, ...env } = process.env;
    const command = `"${process.execPath}" "${MAIN}" cluster -e many.pickle -j 1 --eps 10 --min-samples ${faces + 1}`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      ...{ cwd: temp(), encoding: 'utf8', env: { ...env, TERM: 'xterm' } },
    });
    expect(stdout).toMatch(/Comparing the faces \S+ [1-9]\d? %, \d.* left/);
    expect(stdout).toMatch(/0 people\S* among 9,000 faces/);
    expect(status).toBe(0);
  },
);
