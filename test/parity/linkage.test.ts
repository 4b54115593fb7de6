import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkage } from '../../src/clustering/linkage';
import { describeWithPython, runPython } from '../support/python';
import { describeWithShared } from '../support/shared';

/** The study's own program, in numpy: prints the groups of both ways, each face by the lowest face of its group. */
const REFERENCE = `
import sys, json
sys.path.insert(0, sys.argv[1] + '/prototypes')
import numpy as np
import grouping as g
read = lambda name: np.fromfile(f"{sys.argv[1]}/lfw-half/{name}.f32", "<f4").reshape(-1, 128).astype(np.float64)
e, m = read('encodings'), read('mirrored')
zeros = np.zeros(len(e))
pairs = g.contact_graph(e, 0.52)
crowd = np.minimum(g.distance_to_crowd(e, g.merge(e, zeros, pairs, 0.54)), 0.65)
plain = g.merge(e, zeros - 0.4 * (0.65 - crowd), pairs, 0.61)
print(json.dumps([np.unique(group, return_inverse=True)[1].tolist() for group in (g.group_faces(e, m), plain)]))
`;

const matrix = (file: string) => {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const data = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { data, n: data.length / 128, d: 128 };
};

describeWithShared('half of Labeled Faces in the Wild', (shared) => {
  describeWithPython('grouped as by the study', (environment) => {
    test('face for face, with mirror encodings and without', async () => {
      const [mirrored, plain] = JSON.parse(runPython(environment, REFERENCE, [shared]));
      const points = matrix(join(shared, 'lfw-half/encodings.f32'));
      const others = matrix(join(shared, 'lfw-half/mirrored.f32'));
      expect([...(await linkage(points, { mirrored: others })).labels]).toEqual(mirrored);
      expect([...(await linkage(points)).labels]).toEqual(plain);
    });
  });
});
