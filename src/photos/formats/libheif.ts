/*
 * libheif and libde265 as WebAssembly, through their C functions: those for JavaScript that the package adds decode the first
 * picture of a file, not the primary one, and hand over four channels. Declarations: heif.h, heif_plugin.h and de265.h of
 * libheif 1.23 and libde265 1.0.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceError, messageOf } from '../../base/errors';
import type { RawImage } from '../../base/types';

/** What is used of the library: its functions take and return numbers, most of them addresses in its memory. */
interface Library {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _heif_get_decoder_descriptors(format: number, out: number, count: number): number;
  _heif_context_alloc(): number;
  _heif_context_read_from_memory_without_copy(
    error: number,
    context: number,
    bytes: number,
    length: number,
    options: number,
  ): void;
  _heif_context_get_primary_image_handle(error: number, context: number, out: number): void;
  _heif_image_handle_get_width(handle: number): number;
  _heif_image_handle_get_height(handle: number): number;
  _heif_decoding_options_alloc(): number;
  _heif_decode_image(
    error: number,
    handle: number,
    out: number,
    colourspace: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_primary_width(image: number): number;
  _heif_image_get_primary_height(image: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_bits_per_pixel_range(image: number, channel: number): number;
  _heif_image_get_chroma_format(image: number): number;
  _de265_set_parameter_bool(decoder: number, parameter: number, value: number): void;
}

/** What is used of WebAssembly: Node's types leave it to browsers'. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<CompiledLibHeif>;
  readonly Module: new (bytes: Uint8Array) => CompiledLibHeif;
  readonly Instance: new (module: CompiledLibHeif, imports: object) => { readonly exports: Exports };
  readonly Memory: new (limits: object) => WasmMemory;
  readonly Table: new (limits: object) => WasmTable;
};
type Exports = Readonly<Record<string, unknown>>;
type Native = (...values: number[]) => void;
interface WasmMemory {
  grow(pages: number): number;
}
interface WasmTable {
  get(index: number): Native | null;
  set(index: number, native: Native): void;
}

/** The library, compiled once; threads share it. */
export type CompiledLibHeif = object & { readonly __brand?: 'WebAssembly.Module' };

/** What scripts/libheif.js has copied of libheif-js; where the sources are run as they are, into what was built of them. */
const FOLDER = join(__dirname, __filename.endsWith('.ts') ? '../../../lib' : '../..', 'libheif');

/** @throws FaceError FACE_NATIVE_LOAD if it is not there, or damaged; Error for what the machine lacks */
export async function compileLibHeif(): Promise<CompiledLibHeif> {
  try {
    return await WebAssembly.compile(await readFile(join(FOLDER, 'libheif.wasm')));
  } catch (cause) {
    throw isNotThere(cause) || (cause as Error).name === 'CompileError' ? notInstalled(cause) : cause;
  }
}

/** Whether a file or module is missing. */
export function isNotThere(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' || code === 'ENOENT';
}

/** FACE_NATIVE_LOAD: what decodes HEIC can't be loaded, whichever part of it. */
export function notInstalled(cause: unknown): FaceError {
  const [why] = messageOf(cause).split('\n');
  return new FaceError(
    'FACE_NATIVE_LOAD',
    `What decodes HEIC photos (libheif-js) could not be loaded: ${why}. To install it again: ${REMEDY}`,
    { cause, remedy: REMEDY },
  );
}

const REMEDY = 'npm install face-cluster-native';

/** Version of the library, without loading it; `none` if it is not there. */
export function libHeifVersion(): string {
  try {
    return (require(join(FOLDER, 'package.json')) as { version: string }).version;
  } catch {
    // Who has no HEIC photos does not need it.
    return 'none';
  }
}

type Factory = (options: {
  readonly print: () => void;
  readonly printErr: () => void;
  readonly instantiateWasm: (imports: object, ready: (instance: { exports: Exports }) => Exports) => Exports;
}) => Library;

/** Values of the library's enumerations. */
const HEVC = 1;
const RGB = 1;
/** Of a layout, and of its only channel: three bytes a pixel, next to each other. */
const INTERLEAVED_RGB = 10;
const DISABLE_DEBLOCKING = 7;
const DISABLE_SAO = 8;
/** Where `heif_decoding_options` has them. */
const CONVERT_TO_8_BITS = 20;
const STRICT_DECODING = 21;
/** Of `heif_decoder_plugin`: the version of its layout that is known here, and which of its words are what is replaced. */
const PLUGIN_VERSION = 5;
/** `new_decoder2`: where to put the error, where to put the decoder, options. */
const NEW_DECODER = { word: 14, parameters: 3 };
/** `decode_next_image2`: where to put the error, the decoder, where to put the picture, and what is no matter here. */
const DECODE_PICTURE = { word: 17, parameters: 5 };
/** Of `decoder_context`: where its warnings are, and behind so many words how many they are. */
const WARNINGS = 1;
const MOST_WARNINGS = 20;
/** Those of `de265_error` that speak of the picture, not of threads or of how many warnings there are. */
const FIRST_WARNING = 1002;
const LAST_WARNING = 1099;

export interface HeifRequest {
  readonly bytes: Uint8Array;
  /** The size that is expected, after the picture was turned as the file says. */
  readonly width: number;
  readonly height: number;
  /** Whether damage is an error; else what can be made of the picture comes out. */
  readonly strict: boolean;
}

/**
 * One instance of the library, for one picture: its memory grows and is never given back, and after an error nobody knows what
 * is left in it. So nothing is freed.
 */
export class LibHeif {
  readonly #library: Library;
  #functions: WasmTable | undefined;
  /** Whether a part of a picture did not come out as it was written. */
  #isDamaged = false;
  /** Whether a picture has come out. */
  #hasPicture = false;
  /** Of the picture that is decoded. */
  #pixels = 0;
  /** Whether the system did not give the memory that was asked for last. */
  lacksMemory = false;

  constructor(compiled: CompiledLibHeif) {
    const create = require(join(FOLDER, 'libheif.js')) as Factory;
    const silent = () => {};
    this.#library = create({
      print: silent,
      printErr: silent,
      instantiateWasm: (imports, ready) => {
        const instance = new WebAssembly.Instance(compiled, imports);
        this.#watch(Object.values(instance.exports));
        return ready(instance);
      },
    });
    this.#changeDecoder();
  }

  /** Their names in the file are made up by its optimizer. */
  #watch(exports: readonly unknown[]): void {
    this.#functions = exports.find((value): value is WasmTable => value instanceof WebAssembly.Table);
    const memory = exports.find((value): value is WasmMemory => value instanceof WebAssembly.Memory);
    if (!memory) return;
    // The library may say anything when it gets no memory, and it asks for less once or twice.
    memory.grow = (pages) => {
      this.lacksMemory = true;
      const before = WebAssembly.Memory.prototype.grow.call(memory, pages);
      this.lacksMemory = false;
      return before;
    };
  }

  /** Replaces functions of the decoder. Left as it is in a library of another layout. */
  #changeDecoder(): void {
    const library = this.#library;
    const out = library._malloc(4);
    if (library._heif_get_decoder_descriptors(HEVC, out, 1) < 1) return;
    const plugin = this.#word(out);
    if (this.#word(plugin) !== PLUGIN_VERSION) return;
    // What each begins with is the address of libde265's own.
    this.#follow(plugin, NEW_DECODER, (_, decoder) => this.#filterEdges(this.#word(this.#word(decoder))));
    this.#follow(plugin, DECODE_PICTURE, (_, decoder, picture) => {
      this.#isDamaged ||= this.#hasWarned(this.#word(decoder)) || this.#hasGap(this.#word(picture));
    });
  }

  /** Has something run each time that a function of the decoder has done its work. */
  #follow(plugin: number, { word, parameters }: typeof NEW_DECODER, then: Native): void {
    const index = this.#word(plugin + 4 * word);
    const original = this.#functions?.get(index);
    if (original?.length !== parameters) return;
    const replaced: Native = (...values) => {
      original(...values);
      then(...values);
    };
    this.#functions?.set(index, nativeOf(replaced, parameters));
  }

  /**
   * Built for JavaScript, libheif leaves out the filters with which HEVC ends, "to speed up decoding": the pixels would be up to
   * 38 levels beside those that the file stands for and all others decode, though the filters take no time worth the name. So
   * a decoder that was made has them switched on again.
   */
  #filterEdges(decoder: number): void {
    if (decoder === 0) return;
    this.#library._de265_set_parameter_bool(decoder, DISABLE_DEBLOCKING, 0);
    this.#library._de265_set_parameter_bool(decoder, DISABLE_SAO, 0);
  }

  /** What libde265 takes for damage of the picture it has only as warnings, for which libheif does not ask, however strict. */
  #hasWarned(decoder: number): boolean {
    const first = decoder + 4 * WARNINGS;
    const count = Math.min(this.#word(first + 4 * MOST_WARNINGS), MOST_WARNINGS);
    return Array.from({ length: count }, (_, i) => this.#word(first + 4 * i)).some(
      (warning) => warning >= FIRST_WARNING && warning <= LAST_WARNING,
    );
  }

  /**
   * Whether a part of the picture was not written at all, of which nothing warns: where its memory is new, both colours and the light
   * are 0 there, which is no colour that there is. Of tiles that is not to be told: some phones write it beyond the picture's edges. Nor
   * of what comes out after the picture itself, which is how transparent it is: that has no colours, whatever is written there.
   */
  #hasGap(picture: number): boolean {
    if (picture === 0 || this.#hasPicture) return false;
    this.#hasPicture = true;
    if (this.#library._heif_image_get_chroma_format(picture) !== HALVED_COLOURS) return false;
    const [light, blue, red] = [0, 1, 2].map((channel) => this.#planeOf(picture, channel)) as [
      Plane,
      Plane,
      Plane,
    ];
    if (light.width * light.height !== this.#pixels) return false;
    const colours = [blue, red];
    for (let y = MIDDLE; y < blue.height; y += 2 * MIDDLE) {
      for (let x = MIDDLE; x < blue.width; x += 2 * MIDDLE) {
        const isUnwritten = ({ at, stride, bytes }: Plane, times: number) =>
          this.#word((at + times * (y * stride + x * bytes)) & ~3) === 0;
        if (colours.every((plane) => isUnwritten(plane, 1)) && isUnwritten(light, 2)) return true;
      }
    }
    return false;
  }

  #planeOf(picture: number, channel: number): Plane {
    const library = this.#library;
    const out = library._malloc(4);
    const at = library._heif_image_get_plane_readonly(picture, channel, out);
    return {
      at,
      stride: this.#word(out),
      width: library._heif_image_get_width(picture, channel),
      height: library._heif_image_get_height(picture, channel),
      bytes: library._heif_image_get_bits_per_pixel_range(picture, channel) > 8 ? 2 : 1,
    };
  }

  /**
   * Decodes the primary picture, turned as the file says, with 8 bits a channel and without transparency.
   * @throws Error what the library says, with its numbers; whatever an abort throws
   */
  decode({ bytes, width, height, strict }: HeifRequest): RawImage {
    const library = this.#library;
    const error = library._malloc(12);
    const out = library._malloc(4);
    const check = () => this.#check(error);
    const file = library._malloc(bytes.length);
    if (file === 0) throw new Error('heif: out of memory');
    library.HEAPU8.set(bytes, file);
    const context = library._heif_context_alloc();
    library._heif_context_read_from_memory_without_copy(error, context, file, bytes.length, 0);
    check();
    library._heif_context_get_primary_image_handle(error, context, out);
    check();
    const handle = this.#word(out);
    const stated = [
      library._heif_image_handle_get_width(handle),
      library._heif_image_handle_get_height(handle),
    ];
    this.#pixels = width * height;
    const options = library._heif_decoding_options_alloc();
    library.HEAPU8[options + CONVERT_TO_8_BITS] = 1;
    library.HEAPU8[options + STRICT_DECODING] = strict ? 1 : 0;
    // There is memory for that size only.
    if (stated[0] !== width || stated[1] !== height) throw new Error(OTHER_SIZE);
    library._heif_decode_image(error, handle, out, RGB, INTERLEAVED_RGB, options);
    check();
    if (strict && this.#isDamaged) throw new Error('heif, of a HEVC picture: a part of it is damaged');
    const image = this.#word(out);
    const decoded = [
      library._heif_image_get_primary_width(image),
      library._heif_image_get_primary_height(image),
    ];
    if (decoded[0] !== width || decoded[1] !== height) throw new Error(OTHER_SIZE);
    const plane = library._heif_image_get_plane_readonly(image, INTERLEAVED_RGB, out);
    const stride = this.#word(out);
    const data = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++) {
      const row = plane + y * stride;
      data.set(library.HEAPU8.subarray(row, row + 3 * width), 3 * width * y);
    }
    return { data, width, height };
  }

  /** A `heif_error`: two numbers and a text. */
  #check(error: number): void {
    const code = this.#word(error);
    if (code === 0) return;
    const text = this.#word(error + 8);
    const { HEAPU8 } = this.#library;
    const message = Buffer.from(HEAPU8.subarray(text, HEAPU8.indexOf(0, text))).toString();
    throw new Error(`heif, of a HEVC picture: ${message.trim()} (${code}.${this.#word(error + 4)})`);
  }

  #word(address: number): number {
    return this.#library.HEAPU32[address >> 2] ?? 0;
  }
}

/** One channel of a picture in the library's memory. */
interface Plane {
  readonly at: number;
  /** Bytes from row to row. */
  readonly stride: number;
  readonly width: number;
  readonly height: number;
  /** Of a pixel. */
  readonly bytes: number;
}

/** Half a side of what HEVC leaves unwritten at least, in pixels of halved colours. Filters reach over its edges. */
const MIDDLE = 4;
/** As `heif_chroma` has it: 4:2:0. With whole colours, a picture may be in red, green and blue, where 0 is black. */
const HALVED_COLOURS = 1;

const OTHER_SIZE = 'heif, of a HEVC picture: its size is not that which the file says';

/**
 * WebAssembly calls nothing but its own: this wraps a function of numbers into a module that imports it and exports it again, as
 * Emscripten's `addFunction` does.
 */
function nativeOf(run: Native, parameters: number): Native {
  const module = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // A type: so many 32-bit integers, nothing comes back.
    ...[1, 4 + parameters, 1, 0x60, parameters, ...new Array<number>(parameters).fill(0x7f), 0],
    // Imported as "e", "f" of that type, exported as "f".
    ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0],
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: run } });
  return exports.f as Native;
}
