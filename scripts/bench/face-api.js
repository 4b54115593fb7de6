'use strict';
/*
 * What one writes with @vladmandic/face-api to get the faces of a folder of photos: its detector, landmarks and descriptors,
 * each with its own models and settings. Photos are decoded as ours are, since it brings no decoder for Node.js.
 *
 * node scripts/bench/face-api.js <wasm or node> <folder of photos> <file for the result>
 *
 * The result is a line of JSON: `faces` with `photo` and `encoding` each.
 */
const fs = require('node:fs');
const path = require('node:path');
const { decodeImage, findImages } = require('../..');
const { peerPath, requirePeer } = require('./peers-folder');

async function load(backend) {
  if (backend === 'node') {
    const tf = requirePeer('@tensorflow/tfjs-node');
    return { tf, faceapi: requirePeer('@vladmandic/face-api/dist/face-api.node.js') };
  }
  const tf = requirePeer('@tensorflow/tfjs');
  const wasm = requirePeer('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${peerPath('@tensorflow/tfjs-backend-wasm/dist')}${path.sep}`);
  await tf.setBackend('wasm');
  await tf.ready();
  return { tf, faceapi: requirePeer('@vladmandic/face-api/dist/face-api.node-wasm.js') };
}

async function main([backend, folder, out]) {
  const { tf, faceapi } = await load(backend);
  const models = peerPath('@vladmandic/face-api/model');
  const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet } = faceapi.nets;
  for (const net of [ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet]) await net.loadFromDisk(models);
  const faces = [];
  const { images } = await findImages(folder);
  for (const photo of images) {
    const { data, width, height } = await decodeImage(photo);
    const pixels = tf.tensor3d(data, [height, width, 3], 'int32');
    const found = await faceapi.detectAllFaces(pixels).withFaceLandmarks().withFaceDescriptors();
    pixels.dispose();
    for (const { descriptor } of found)
      faces.push({ photo: path.basename(photo), encoding: [...descriptor] });
  }
  fs.writeFileSync(out, `${JSON.stringify({ faces })}\n`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
