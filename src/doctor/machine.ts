import { execFile } from 'node:child_process';
import { type FaceError, messageOf } from '../base/errors';
import { HOW_TO_INSTALL, mustHaveExifTool } from '../metadata/exiftool';
import { loadNative, native } from '../native';
import { machineName, thisMachine } from '../native/binary';
import { compileLibHeif, libHeifVersion } from '../photos/formats/libheif';
import { loadSharp } from '../photos/formats/load-sharp';
import { INSTALL_FFMPEG } from '../photos/video/ffmpeg';
import { findOpenCv } from '../result/montage/backend';
import { findProgram } from '../system/find-program';
import { checkMaxMemory, machineMemory } from '../system/machine-memory';
import type { Finding } from './finding';

export function checkPlatform(): Finding {
  const machine = thisMachine();
  return { name: 'platform', status: 'ok', message: machineName(machine), details: { ...machine } };
}

/** @param wanted package.json's `engines.node`, e.g. `>=20.19` */
export function checkNode(wanted: string, version = process.versions.node): Finding {
  const least = wanted.replace(/^>=/, '');
  const found = { name: 'node', details: { version, wanted } } as const;
  if (version.localeCompare(least, 'en', { numeric: true }) >= 0)
    return { ...found, status: 'ok', message: version };
  return {
    ...found,
    status: 'problem',
    message: `${version} is too old.`,
    remedy: `Install Node.js ${least} or newer: https://nodejs.org/en/download`,
  };
}

/** How much less than this makes `cnn` slow on large photos. */
const COMFORTABLE = 2e9;

export function checkMemory(machine = machineMemory()): Finding {
  const used = checkMaxMemory(undefined);
  const found = { name: 'memory', details: { machine, used } } as const;
  const message = `${gigabytes(machine)} GB, of which up to ${gigabytes(used)} GB are used`;
  if (machine >= COMFORTABLE) return { ...found, status: 'ok', message };
  return {
    ...found,
    status: 'note',
    message: `${message}: large photos are done in small pieces, which takes longer`,
    remedy: 'If other programs need little, allow more with encode --max-memory.',
  };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/** Loads the native part. */
export function checkNative(): Finding {
  const found = loadNative();
  if ('problem' in found) {
    return { name: 'native', status: 'problem', message: found.problem, remedy: found.remedy };
  }
  const { path } = found;
  const from = /[\\/]prebuilds[\\/]/.test(path) ? 'prebuilt' : 'built here';
  return { name: 'native', status: 'ok', message: `${path} (${from})`, details: { path, from } };
}

/** Needs the native part. */
export function checkInstructions(): Finding {
  const sets = native().instructionSets();
  return {
    name: 'instructions',
    status: 'ok',
    message: `${sets[0]}, the best of what this processor has (${sets.join(', ')})`,
    details: { chosen: sets[0], available: sets },
  };
}

export function checkSharp(): Finding {
  try {
    const { sharp, vips } = loadSharp().versions;
    const message = `${sharp}, with libvips ${vips}`;
    return { name: 'sharp', status: 'ok', message, details: { sharp, vips } };
  } catch (error) {
    return {
      name: 'sharp',
      status: 'problem',
      message: `The image library could not be loaded: ${messageOf((error as FaceError).cause).trim()}`,
      remedy: (error as FaceError).remedy as string,
    };
  }
}

export async function checkLibHeif(): Promise<Finding> {
  const name = 'libheif';
  try {
    await compileLibHeif();
    const version = libHeifVersion();
    return { name, status: 'ok', message: `libheif-js ${version} decodes HEIC photos`, details: { version } };
  } catch (error) {
    const { remedy = 'Close other programs, and try again.' } = error as FaceError;
    return { name, status: 'problem', message: messageOf(error), remedy };
  }
}

/** Videos are looked at where both of its programs are there. */
export async function checkFfmpeg(): Promise<Finding> {
  const name = 'ffmpeg';
  const purpose = 'reads videos, for --video';
  const said = await Promise.all(['ffmpeg', 'ffprobe'].map(versionSaidBy));
  const missing = ['ffmpeg', 'ffprobe'].find((_, i) => said[i] === undefined);
  if (missing !== undefined) return notThere(name, missing, purpose, `${INSTALL_FFMPEG}.`);
  const version = /version (\S+)/.exec(said[0] as string)?.[1] ?? 'of an unknown version';
  return { name, status: 'ok', message: `${version}; ${purpose}`, details: { version } };
}

export async function checkExifTool(): Promise<Finding> {
  const name = 'exiftool';
  const purpose = 'writes names into photos, for tag --embed';
  const version = await mustHaveExifTool().catch(() => '');
  if (version === '') return notThere(name, name, purpose, `Install it: ${HOW_TO_INSTALL}.`);
  return { name, status: 'ok', message: `${version}; ${purpose}`, details: { version } };
}

function notThere(name: Finding['name'], program: string, purpose: string, how: string): Finding {
  const message = `${program} was not found, or does not run; it ${purpose}. All else works without it. ${how}`;
  return { name, status: 'note', message };
}

/** The first line of what a program says of its version; `undefined` if it does not run. */
async function versionSaidBy(program: string): Promise<string | undefined> {
  const path = await findProgram(program);
  if (path === undefined) return undefined;
  return new Promise((resolve) => {
    execFile(path, ['-version'], { timeout: VERSION_MS, windowsHide: true }, (error, stdout) =>
      resolve(error ? undefined : stdout.split('\n')[0]),
    );
  });
}

/** A program that does not even say its version by then does not run. */
const VERSION_MS = 20_000;

export function checkOpenCv(): Finding {
  const name = 'opencv';
  const found = findOpenCv();
  if ('name' in found) {
    return { name, status: 'ok', message: '@u4/opencv4nodejs draws the overview pictures' };
  }
  const spare = 'not needed: the same overview pictures are drawn without it';
  if (!found.installed) return { name, status: 'note', message: `not installed; ${spare}` };
  return {
    name,
    status: 'note',
    message: `${found.problem}; ${spare}`,
    // Mostly it was built for another version of Node.js.
    remedy: 'npm rebuild @u4/opencv4nodejs; in a checkout of the project: npm run setup',
  };
}
