import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaceError, messageOf } from '../base/errors';
import { PRIVATE_FILE } from '../system/atomic-file';
import { encodeFileName } from '../system/file-name';

/*
 * Writing into photos of all formats is nothing to be done anew: exiftool does it, where it is installed, and keeps the file of
 * before beside it, as `photo.jpg_original`. No shell is asked, and files are named on its standard input, as bytes.
 */

/** How to get it, to complete "Install it". */
export const HOW_TO_INSTALL =
  'Debian and Ubuntu: apt-get install libimage-exiftool-perl; macOS: brew install exiftool; else https://exiftool.org';
const INSTALL = `Install it (${HOW_TO_INSTALL}), or write sidecars instead.`;

/** @returns its version @throws FaceError FACE_IO if it is not there */
export async function mustHaveExifTool(): Promise<string> {
  return (await run(['-ver'])).output.toString('latin1').trim();
}

/** A photo's XMP packet; `undefined` if it has none. @throws FaceError FACE_IO */
export async function readPacket(photo: string): Promise<Buffer | undefined> {
  const { output, complaint } = await run(['-b', '-XMP', photo]);
  if (complaint.startsWith('Error')) throw refusal('read', photo, complaint);
  return output.length > 0 ? output : undefined;
}

/** Gives a photo another XMP packet, or none. What it had before is kept beside it, unless something is kept there already. @throws FaceError FACE_IO */
export async function writePacket(photo: string, packet: Uint8Array | undefined): Promise<void> {
  if (/[\r\n]/.test(photo)) throw refusal('write', photo, 'its name has a line break');
  if (!packet) return change(photo, '-XMP=');
  const folder = await mkdtemp(join(tmpdir(), 'face-cluster-'));
  try {
    const file = join(folder, 'packet.xmp');
    await writeFile(file, packet, { mode: PRIVATE_FILE });
    // In that name, signs of per cent stand for parts of the photo's.
    await change(photo, `-XMP<=${file.replaceAll('%', '%%')}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function change(photo: string, instruction: string): Promise<void> {
  const { code, complaint } = await run(['-q', instruction, photo]);
  if (code !== 0) throw refusal('write', photo, complaint);
}

function refusal(what: string, photo: string, complaint: string): FaceError {
  const [first = ''] = complaint.split('\n');
  const why = first.replace(/^Error: /, '').replace(` - ${photo}`, '');
  const said = `exiftool could not ${what} "${photo}" (${why}).`;
  if (!why.startsWith('Temporary file already exists'))
    return new FaceError('FACE_IO', said, { path: photo });
  const remedy = 'A power cut may have left it: delete that file, unless exiftool is at work.';
  return new FaceError('FACE_IO', `${said} ${remedy}`, { path: photo, remedy });
}

interface Ran {
  readonly code: number | null;
  readonly output: Buffer;
  readonly complaint: string;
}

/** @throws FaceError FACE_IO if it can't be started */
function run(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    // Apart from Ctrl-C: the photo in hand is written to its end. Without the user's own settings.
    const child = spawn('exiftool', ['-config', '', '-@', '-'], { detached: true, windowsHide: true });
    const [output, complaint]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      const message = missing
        ? 'exiftool is not installed.'
        : `exiftool could not be started (${messageOf(cause)}).`;
      reject(new FaceError('FACE_IO', `${message} ${INSTALL}`, { cause, remedy: INSTALL }));
    });
    child.on('close', (code) =>
      resolve({ code, output: Buffer.concat(output), complaint: Buffer.concat(complaint).toString().trim() }),
    );
    // It may be gone already, which "close" or "error" tells.
    child.stdin.on('error', () => {});
    const charset = process.platform === 'win32' ? ['-charset', 'filename=UTF8'] : [];
    child.stdin.end(Buffer.concat([...charset, ...args].map((line) => encodeFileName(`${line}\n`))));
  });
}
