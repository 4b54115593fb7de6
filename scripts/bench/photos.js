'use strict';
/* The photos that a benchmark runs on. */
const fs = require('node:fs');
const path = require('node:path');
const sharp = require('sharp');
const { findImages } = require('../..');
const { demoPhotos } = require('../demo-photos');

/** Paths of the photos in `folder`, or of those that come with the devDependencies, in the order of their names. */
async function photosIn(folder) {
  if (!folder) return demoPhotos().map((photo) => photo.path);
  const { images } = await findImages(path.resolve(folder));
  if (images.length === 0) throw new Error(`There are no photos in ${folder}.`);
  return images;
}

/** `count` of the photos, as far as there are that many, evenly over the list: the same ones each time. */
function subset(photos, count) {
  const taken = Math.min(count, photos.length);
  return Array.from({ length: taken }, (_, i) => photos[Math.floor((i * photos.length) / taken)]);
}

/** Fills a new folder with `count` links to the photos, over and over if there are fewer. */
function linkPhotos(folder, photos, count = photos.length) {
  fs.mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    const photo = photos[i % photos.length];
    const name = `${String(i).padStart(6, '0')}${path.extname(photo)}`;
    fs.symlinkSync(photo, path.join(folder, name));
  }
  return folder;
}

/** A new folder with one photo of 4000 x 3000 pixels, as phones take them: an enlarged one of these. */
async function largePhoto(folder, photos) {
  fs.mkdirSync(folder);
  await sharp(photos[0])
    .resize(4000, 3000, { fit: 'cover' })
    .jpeg({ quality: 90 })
    .toFile(path.join(folder, 'large.jpg'));
  return folder;
}

module.exports = { photosIn, subset, linkPhotos, largePhoto };
