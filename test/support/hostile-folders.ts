import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { PORTRAITS } from './files';

/** Root may read everything. */
const isRoot = process.geteuid?.() === 0;

/** Stands in files that must never get into a result. */
export const SECRET = 'the private key of somebody else';

/** What is hostile about a folder of photos, and what `encode` makes of it. */
export interface HostileFolder {
  readonly what: string;
  /** Fills `folder`; the folder beside it, `outside`, is there for what links lead to. */
  readonly make: (tools: FolderTools) => void | Promise<void>;
  /** Faces that `encode` finds. */
  readonly faces: number;
  /** The exit code of `encode`: 0 all is well, 3 some photos could not be read, 1 there is nothing to work on. */
  readonly code: 0 | 1 | 3;
}

export interface FolderTools {
  readonly folder: string;
  readonly outside: string;
  /** A small photo with one face; each call of one test gives the same bytes. */
  readonly photo: Buffer;
  /** Writes a file below `folder`. */
  readonly write: (name: string | Buffer, bytes?: Buffer | string) => string;
}

/** The photo that most folders have at least one of. */
export function facePhoto(): Promise<Buffer> {
  return sharp(join(PORTRAITS, 'franck_02221.jpg')).resize(360).jpeg().toBuffer();
}

export function toolsFor(folder: string, outside: string, photo: Buffer): FolderTools {
  mkdirSync(folder);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), SECRET);
  const write = (name: string | Buffer, bytes: Buffer | string = photo): string => {
    if (typeof name !== 'string') {
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), bytes);
      return folder;
    }
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  };
  return { folder, outside, photo, write };
}

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#336699' }, limitInputPixels: false });

/** A photo among things; most folders are that. */
const beside = (
  what: string,
  code: 0 | 3,
  make: (tools: FolderTools) => void | Promise<void>,
  faces = 1,
): HostileFolder => ({
  what,
  code,
  faces,
  make: async (tools) => {
    tools.write('anna.jpg');
    await make(tools);
  },
});

const alone = (what: string, make: HostileFolder['make']): HostileFolder => ({
  what,
  code: 1,
  faces: 0,
  make,
});

const named = (what: string, ...names: string[]): HostileFolder => ({
  what,
  code: 0,
  faces: names.length,
  make: ({ write }) => {
    for (const name of names) write(name);
  },
});

/** Folders as people have them, and as people who mean harm could make them. */
export const HOSTILE_FOLDERS: readonly HostileFolder[] = [
  // Nothing to work on.
  alone('nothing in it', () => {}),
  alone('empty folders only', ({ folder }) => {
    mkdirSync(join(folder, 'a/b/c'), { recursive: true });
  }),
  alone('an empty file that is named like a photo', ({ write }) => {
    write('photo.jpg', '');
  }),
  alone('text that is named like a photo', ({ write }) => {
    write('photo.jpg', 'this is no photo');
  }),
  alone('photos of kinds that are not read, and videos', ({ write }) => {
    for (const name of ['IMG_1.HEIC', 'IMG_2.heif', 'raw.dng', 'raw.CR3', 'clip.mp4']) write(name, 'x');
  }),
  alone('a folder and a pipe that are named like photos', ({ folder }) => {
    mkdirSync(join(folder, 'folder.jpg'));
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
  }),
  alone('links that lead nowhere, to themselves and in a circle', ({ folder }) => {
    symlinkSync('nowhere.jpg', join(folder, 'dangling.jpg'));
    symlinkSync('self.jpg', join(folder, 'self.jpg'));
    symlinkSync('.', join(folder, 'circle'));
  }),
  alone('links to a secret and to a device', ({ folder, outside }) => {
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'secret.jpg'));
    symlinkSync('/dev/zero', join(folder, 'zero.jpg'));
  }),
  // Damage.
  beside('a photo that is cut off before its first line', 3, ({ write, photo }) => {
    write('cut.jpg', photo.subarray(0, 300));
  }),
  beside(
    'a photo with another file behind its end',
    0,
    ({ write, photo }) => {
      write('more.jpg', Buffer.concat([photo, Buffer.alloc(100_000, 'PK')]));
    },
    2,
  ),
  beside('a photo of zeros, as a failed disk leaves it', 3, ({ write, photo }) => {
    write('zeros.jpg', Buffer.alloc(photo.length));
  }),
  beside('a drawing with a link to a file inside, named like a photo', 3, ({ write, outside }) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file://${join(outside, 'secret.txt')}"/></svg>`;
    write('drawing.png', svg);
  }),
  beside('a picture that says it is gigantic', 3, async ({ write }) => {
    const png = await picture(8, 8).png().toBuffer();
    png.writeUInt32BE(0x7fffffff, 16);
    png.writeUInt32BE(0x7fffffff, 20);
    write('bomb.png', png);
  }),
  beside('a small file that is a very large picture', 3, async ({ write }) => {
    write('large.png', await picture(20_000, 20_000).png({ compressionLevel: 9 }).toBuffer());
  }),
  // Kinds of pictures.
  beside('pictures of one pixel and of one line', 0, async ({ write }) => {
    write('pixel.png', await picture(1, 1).png().toBuffer());
    write('line.png', await picture(3000, 1).png().toBuffer());
  }),
  beside(
    'files that are of another kind than their names say',
    0,
    async ({ write, photo }) => {
      write('jpeg.png', photo);
      write('png.jpg', await sharp(photo).png().toBuffer());
      write('webp.tif', await sharp(photo).webp({ quality: 95 }).toBuffer());
    },
    4,
  ),
  beside(
    'CMYK, 16 bits, transparency, grey',
    0,
    async ({ write, photo }) => {
      write('cmyk.jpg', await sharp(photo).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer());
      write('deep.png', await sharp(photo).toColourspace('rgb16').png().toBuffer());
      write('clear.png', await sharp(photo).ensureAlpha(1).png().toBuffer());
      write('grey.jpg', await sharp(photo).greyscale().jpeg({ quality: 95 }).toBuffer());
    },
    5,
  ),
  beside(
    'a photo that is to be turned',
    0,
    async ({ write, photo }) => {
      write('turned.jpg', await sharp(photo).rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer());
    },
    2,
  ),
  // What is not the user's.
  beside('trash, thumbnails and version control of other programs', 0, ({ write }) => {
    for (const name of [
      '@eaDir/anna.jpg/SYNOPHOTO_THUMB_XL.jpg',
      '#recycle/old.jpg',
      '@Recycle/old.jpg',
      '.Trash-1000/files/old.jpg',
      '$RECYCLE.BIN/S-1-5/$R1.jpg',
      '.thumbnails/normal/a.png',
      '.picasaoriginals/anna.jpg',
      '.git/lfs/objects/a.jpg',
    ]) {
      write(name);
    }
  }),
  beside('what macOS leaves on other disks', 0, ({ write }) => {
    write('._anna.jpg', Buffer.from('00051607000200004d6163204f532058', 'hex'));
    write('.DS_Store', 'Bud1');
    write('.Spotlight-V100/x.jpg');
  }),
  beside('what our own killed runs leave', 0, ({ write }) => {
    write('.face-cluster-0123456789ab-1-1-0123456789ab.tmp/label0/anna.jpg');
  }),
  // Links.
  beside('a link to a secret, named like a photo', 3, ({ folder, outside }) => {
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'secret.jpg'));
  }),
  beside(
    'a link to a photo elsewhere',
    0,
    ({ folder, outside, photo }) => {
      writeFileSync(join(outside, 'ben.jpg'), Buffer.concat([photo, Buffer.from('ben')]));
      symlinkSync(join(outside, 'ben.jpg'), join(folder, 'ben.jpg'));
    },
    2,
  ),
  beside('folders that are linked to each other', 0, ({ folder }) => {
    mkdirSync(join(folder, 'a'));
    mkdirSync(join(folder, 'b'));
    symlinkSync('../b', join(folder, 'a/b'));
    symlinkSync('../a', join(folder, 'b/a'));
  }),
  beside(
    'hard links of one photo',
    0,
    ({ folder }) => {
      linkSync(join(folder, 'anna.jpg'), join(folder, 'anna again.jpg'));
    },
    2,
  ),
  // Copies.
  named('copies of one photo in five albums', ...[1, 2, 3, 4, 5].map((n) => `album ${n}/anna.jpg`)),
  named('one name in many folders', 'a/1.jpg', 'b/1.jpg', 'a/b/1.jpg', 'label0/1.jpg', 'montage/1.jpg'),
  // Names.
  named('names with quotes, markup and line breaks', `"'<img src=x onerror=alert(1)>.jpg`, 'two\nlines.jpg'),
  named('names that shells and spreadsheets run', '-rf.jpg', '$(touch pwned).jpg', '=1+1.jpg', '%s%n.jpg'),
  named('names that other systems forbid', 'a:b.jpg', 'what?.jpg', 'CON.jpg', 'dot..jpg', 'back\\slash.jpg'),
  named('names that turn round and that nobody sees', 'a\u202egpj.jpg', '\u200b.jpg', '👩‍👩‍👧.jpg'),
  named('names that are equal but for their case', 'IMG_1.JPG', 'img_1.jpg'),
  named('names that are equal but for how they write an umlaut', 'Grüße.jpg', 'Gru\u0308ße.jpg'),
  named('names of JavaScript', '__proto__.jpg', 'constructor/toString.jpg'),
  named('the longest name there can be', `${'n'.repeat(251)}.jpg`),
  {
    what: 'a name that is not UTF-8',
    code: 0,
    faces: 1,
    make: ({ write }) => {
      write(Buffer.from('caf\xe9.jpg', 'latin1'));
    },
  },
  {
    what: 'a very deep folder',
    code: 0,
    faces: 1,
    make: ({ write }) => {
      write(`${'d/'.repeat(150)}anna.jpg`);
    },
  },
  // Times, permissions, numbers.
  beside('photos from before 1970 and from the future', 0, ({ folder }) => {
    utimesSync(join(folder, 'anna.jpg'), -1e9, -1e9);
    mkdirSync(join(folder, 'later'));
    utimesSync(join(folder, 'later'), 4e9, 4e9);
  }),
  beside('photos that may only be read, in a folder that may only be read', 0, ({ folder }) => {
    chmodSync(join(folder, 'anna.jpg'), 0o444);
    chmodSync(folder, 0o555);
  }),
  {
    what: 'a photo and a folder that may not be read',
    code: isRoot ? 0 : 3,
    faces: isRoot ? 3 : 1,
    make: ({ write, folder }) => {
      write('anna.jpg');
      chmodSync(write('locked.jpg'), 0o000);
      write('locked/ben.jpg');
      chmodSync(join(folder, 'locked'), 0o000);
    },
  },
  beside('a thousand files that are no photos', 0, ({ write }) => {
    for (let i = 0; i < 1000; i++) write(`notes/${i}.txt`, `${i}`);
  }),
  beside('an archive, a program and a web page', 0, ({ write, folder }) => {
    write('photos.zip', 'PK');
    write('setup.exe', 'MZ');
    write('index.html', '<script>alert(1)</script>');
    copyFileSync(join(folder, 'index.html'), join(folder, 'clusters.json'));
  }),
];

/** Makes all of a folder removable again. */
export function unlock(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) unlock(join(folder, entry.name));
  }
}
