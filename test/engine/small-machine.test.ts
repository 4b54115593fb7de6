import sharp from 'sharp';
import { decodeImage } from '../../src/photos/decode';
import { machineMemory } from '../../src/system/machine-memory';
import { bmpFile } from '../support/bmp';
import { rejection } from '../support/photos';

/* A container of 512 MB. */
jest.mock('../../src/system/cgroup', () => ({ cgroupLimits: () => ({ memory: 512e6 }) }));

test('the container is what there is', () => {
  expect(machineMemory()).toBe(512e6);
});

test('an AVIF that takes more while it is decoded than there is: refused, with what it takes', async () => {
  // A header only: nothing is decoded.
  const small = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
    .avif({ effort: 0 })
    .toBuffer();
  expect(await decodeImage(small)).toMatchObject({ width: 64, height: 48 });
  const at = small.indexOf('ispe') + 8;
  expect([small.readUInt32BE(at), small.readUInt32BE(at + 4)]).toEqual([64, 48]);
  small.writeUInt32BE(5600, at);
  small.writeUInt32BE(3700, at + 4);
  const error = await rejection(decodeImage(small));
  expect(error.code).toBe('FACE_OUT_OF_MEMORY');
  expect(error.message).toMatch(/5600 x 3700 pixels takes 415 MB of memory, more than the 372 MB/);
});

test('a bitmap of as many pixels takes little beside them', async () => {
  const [width, height] = [5600, 3700];
  const head = bmpFile({ width, height, bits: 24, pixels: [] });
  const image = await decodeImage(Buffer.concat([head, Buffer.alloc(3 * width * height)]));
  expect(image).toMatchObject({ width, height });
});
