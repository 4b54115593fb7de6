// Runs OpenCV for opencv.ts, in a process of its own: it may end it on a damaged photo. Pixels go through files.
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const folder = dirname(require.resolve('@u4/opencv4nodejs'));
const cv = require(join(folder, '../../build/Release/opencv4nodejs.node'));

const commands = {
  imread({ file }) {
    const mat = cv.imread(file, cv.IMREAD_COLOR);
    return mat.cvtColor(cv.COLOR_BGR2RGB);
  },
  resize({ file, width, height, toWidth, toHeight }) {
    const mat = new cv.Mat(readFileSync(file), height, width, cv.CV_8UC3);
    return mat.resize(toHeight, toWidth, 0, 0, cv.INTER_LINEAR);
  },
};

process.on('message', ({ command, output, ...input }) => {
  try {
    const mat = commands[command](input);
    writeFileSync(output, mat.getData());
    process.send({ width: mat.cols, height: mat.rows });
  } catch (error) {
    process.send({ error: String(error) });
  }
});
