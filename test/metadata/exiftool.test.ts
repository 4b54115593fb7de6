import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { writePacket } from '../../src/metadata/exiftool';
import { EMPTY_PACKET } from '../../src/metadata/tags';
import { samplePhoto, useTempFolder } from '../support/files';
import { testWithTools } from '../support/metadata-tools';
import { rejection } from '../support/photos';

const temp = useTempFolder();

testWithTools(['exiftool'], 'a power cut while exiftool was writing: it is told what to do', async () => {
  const photo = temp('photo.jpg');
  copyFileSync(samplePhoto('sample1.jpg'), photo);
  const before = readFileSync(photo);
  writeFileSync(`${photo}_exiftool_tmp`, before.subarray(0, 1000));
  expect(await rejection(writePacket(photo, Buffer.from(EMPTY_PACKET)))).toMatchObject({
    code: 'FACE_IO',
    path: photo,
    message: expect.stringMatching(/photo\.jpg_exiftool_tmp\)\. .*delete that file/),
    remedy: expect.stringContaining('delete that file'),
  });
  expect(readFileSync(photo)).toEqual(before);
});
