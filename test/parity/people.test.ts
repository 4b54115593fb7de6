import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SplitMix64, sample } from '../../src/base/random';
import { linkage } from '../../src/clustering/linkage';
import { evaluateClustering } from '../../src/evaluate/clustering-quality';
import { People } from '../../src/people/people';
import { sha256 } from '../../src/system/sha256';
import { useTempFolder } from '../support/files';
import { describeWithShared } from '../support/shared';

const inFolder = useTempFolder();

describeWithShared('half of Labeled Faces in the Wild, in batches', (shared) => {
  const floats = (name: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(shared, 'lfw-half', name));
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };

  // The study's rule, clusters of before frozen and batches of 500, loses .019 of all of LFW.
  test.each([
    [6766, true, 0.9699],
    [2000, true, 0.964],
    [500, true, 0.9571],
    [2000, false, 0.9568],
    [500, false, 0.9491],
  ])('of %i, absorb: %s: F is %f', async (batch, absorb, expected) => {
    const [encodings, mirrored] = [floats('encodings.f32'), floats('mirrored.f32')];
    const truth: number[] = JSON.parse(readFileSync(join(shared, 'lfw-half/truth.json'), 'utf8')).person;
    const faces = truth.map((_, i) => ({
      photo: sha256(`photo ${i}`),
      box: { top: 0, right: 100, bottom: 100, left: 0 },
      encoding: Float64Array.from(encodings.subarray(i * 128, (i + 1) * 128)),
      mirrored: Float64Array.from(mirrored.subarray(i * 128, (i + 1) * 128)),
    }));
    const order = sample([...faces.keys()], faces.length, new SplitMix64(7n));
    const turn = new Map(order.map((face, place) => [face, place]));
    const people = await People.open(inFolder('people.jsonl'));
    for (let to = 0; to < faces.length; ) {
      to = Math.min(faces.length, to + batch);
      const own = faces.filter((_, i) => (turn.get(i) as number) < to);
      const { labels } = await linkage(
        own.map(({ encoding }) => encoding),
        { mirrored: own.map((face) => face.mirrored) },
      );
      await people.update(own, labels, { absorb });
    }
    const labels = faces.map((face) => people.personOf(face) ?? -1);
    await people.close();
    expect(evaluateClustering(labels, truth).bcubed.f1).toBeCloseTo(expected, 3);
  });
});
