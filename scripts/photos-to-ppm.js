#!/usr/bin/env node
'use strict';
/*
 * Turns photos into binary PPM files, which the tests of the core read (FACE_CLUSTER_PHOTOS), at most so many pixels wide:
 *
 * node scripts/photos-to-ppm.js OUT WIDTH FILE-OR-FOLDER...
 *
 * What can't be decoded is named and left out. Needs the compiled lib/ (npm run build:ts).
 */
const fs = require('node:fs');
const path = require('node:path');
const sharp = require('sharp');
const { decodeImage, findImages } = require('..');

async function main([out, width, ...places]) {
  fs.mkdirSync(out, { recursive: true });
  let count = 0;
  for (const place of places) {
    const files = fs.statSync(place).isDirectory() ? (await findImages(place)).images : [place];
    for (const file of files) {
      try {
        const photo = await decodeImage(file, { maxPixels: 50e6 });
        const raw = { width: photo.width, height: photo.height, channels: 3 };
        const { data, info } = await sharp(photo.data, { raw, limitInputPixels: false })
          .resize({ width: Number(width), withoutEnlargement: true })
          .raw()
          .toBuffer({ resolveWithObject: true });
        const name = `${String(++count).padStart(4, '0')}-${path.parse(file).name}.ppm`;
        fs.writeFileSync(
          path.join(out, name),
          Buffer.concat([Buffer.from(`P6\n${info.width} ${info.height}\n255\n`), data]),
        );
      } catch (error) {
        console.error(error.message);
      }
    }
  }
  console.log(`${count} photos in ${out}`);
}

main(process.argv.slice(2));
