'use strict';
/* Zig's C and C++ compiler, which compiles for any Linux from any Linux; only npm run prebuilds uses it. */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { inRoot } = require('./setup/project');

/** From PyPI, where it is kept for good; by the architecture of the machine that compiles. */
const VERSION = '0.17.1';
const WHEELS = {
  x64: {
    url: 'https://files.pythonhosted.org/packages/59/e3/2a34676370a11c36b7cd04ffb2439c1089c0530cf4b01408c77cf7f8d9c3/ziglang-0.17.1-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl',
    sha256: 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
  },
  arm64: {
    url: 'https://files.pythonhosted.org/packages/91/72/bb7c4f098ba3e535fa2ebefd9f26327ba63fb0672562959255cb5dd37aff/ziglang-0.17.1-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
    sha256: 'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
  },
};

/** Path of the program `zig`, fetched if it is not there. */
async function zigProgram() {
  const folder = inRoot('.setup', `zig-${VERSION}`);
  const program = path.join(folder, 'ziglang', 'zig');
  if (fs.existsSync(program)) return program;
  const wheel = WHEELS[process.arch];
  if (!wheel) throw new Error(`no Zig ${VERSION} for ${process.arch} is listed in scripts/zig.js`);
  console.log(`Fetching Zig ${VERSION} (100 MB)`);
  const response = await fetch(wheel.url);
  if (!response.ok) throw new Error(`${wheel.url}: HTTP ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== wheel.sha256) throw new Error(`${wheel.url} has the SHA-256 ${sha256}, not ${wheel.sha256}`);
  // In two moves: half an unpacked folder must not look like one.
  const unpacked = `${folder}.new`;
  fs.rmSync(unpacked, { recursive: true, force: true });
  fs.mkdirSync(unpacked, { recursive: true });
  const archive = path.join(unpacked, 'zig.zip');
  fs.writeFileSync(archive, bytes);
  execFileSync('cmake', ['-E', 'tar', 'xf', archive], { cwd: unpacked });
  fs.rmSync(archive);
  fs.chmodSync(path.join(unpacked, 'ziglang', 'zig'), 0o755);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unpacked, folder);
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
