'use strict';
/* Zig's C and C++ compiler, which compiles for any Linux from any Linux; only npm run prebuilds uses it. */
const fs = require('node:fs');
const path = require('node:path');
const { inRoot } = require('./setup/project');
const { PIP_ADVICE, onConsole, unpackPackage } = require('./setup/pip');

const VERSION = '0.17.1';
/** SHA-256 of the wheel, by the architecture of the machine that compiles. */
const WHEELS = {
  x64: 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
  arm64: 'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
};

/** Path of the program `zig`, fetched if it is not there. */
async function zigProgram() {
  const folder = inRoot('.setup', `zig-${VERSION}`);
  const program = path.join(folder, 'ziglang', 'zig');
  if (fs.existsSync(program)) return program;
  const sha256 = WHEELS[process.arch];
  if (!sha256) throw new Error(`no Zig ${VERSION} for ${process.arch} is listed in scripts/zig.js`);
  console.log(`Getting Zig ${VERSION} (100 MB)`);
  await unpackPackage(onConsole, { requirement: `ziglang==${VERSION}`, sha256 }, folder).catch((error) => {
    throw new Error(`${error.message}\n${PIP_ADVICE}`);
  });
  fs.chmodSync(program, 0o755);
  return program;
}

/**
 * Makes the programs `cc`, `c++`, `ar` and `ranlib` in `folder`, for CMake, which wants one file for each.
 * @param {string} target what to compile for, as Zig calls it, such as x86_64-linux-gnu.2.28
 */
async function makeTools(target, folder) {
  const zig = await zigProgram();
  fs.mkdirSync(folder, { recursive: true });
  const commands = { cc: `cc -target ${target}`, 'c++': `c++ -target ${target}`, ar: 'ar', ranlib: 'ranlib' };
  for (const [name, command] of Object.entries(commands)) {
    const script = `#!/bin/sh\nexec '${zig.replaceAll("'", `'\\''`)}' ${command} "$@"\n`;
    fs.writeFileSync(path.join(folder, name), script, { mode: 0o755 });
  }
}

module.exports = { makeTools };
