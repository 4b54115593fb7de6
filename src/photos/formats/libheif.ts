/*
 * libheif and libde265 as WebAssembly, through their C functions: those for JavaScript that the package adds decode the first
 * picture of a file, not the primary one, and hand over four channels. Declarations: heif.h, heif_plugin.h and de265.h of
 * libheif 1.23 and libde265 1.0.
 */
import { readFile } from 'node:fs/promises';
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

/** @throws FaceError FACE_NATIVE_LOAD if it is not there, or damaged; Error for what the machine lacks */
export async function compileLibHeif(): Promise<CompiledLibHeif> {
  try {
    return await WebAssembly.compile(await readFile(require.resolve('libheif-js/libheif-wasm/libheif.wasm')));
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

/** Version of the library, without loading it; `none` if it is not installed. */
export function libHeifVersion(): string {
  try {
    return (require('libheif-js/package.json') as { version: string }).version;
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
/** Of `heif_decoder_plugin`: the version of its layout that is known here, and which of its words is `new_decoder2`. */
const PLUGIN_VERSION = 5;
const NEW_DECODER = 14;

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
  /** Whether the system did not give the memory that was asked for last. */
  lacksMemory = false;

  constructor(compiled: CompiledLibHeif) {
    const create = require('libheif-js/libheif-wasm/libheif.js') as Factory;
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
    this.#filterEdges();
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

  /**
   * Built for JavaScript, libheif leaves out the filters with which HEVC ends, "to speed up decoding": the pixels would be up to
   * 38 levels beside those that the file stands for and all others decode, though the filters take no time worth the name. So
   * the function that makes a decoder is replaced by one that switches them on again. Left as it is in a library of another
   * layout.
   */
  #filterEdges(): void {
    const library = this.#library;
    const out = library._malloc(4);
    if (library._heif_get_decoder_descriptors(HEVC, out, 1) < 1) return;
    const plugin = this.#word(out) >> 2;
    const index = library.HEAPU32[plugin + NEW_DECODER] ?? 0;
    if (library.HEAPU32[plugin] !== PLUGIN_VERSION) return;
    const create = this.#functions?.get(index);
    if (create?.length !== 3) return;
    const filtering = (error: number, decoder: number, options: number) => {
      create(error, decoder, options);
      const outer = this.#word(decoder);
      if (outer === 0) return;
      // It begins with the address of libde265's own.
      const inner = this.#word(outer);
      library._de265_set_parameter_bool(inner, DISABLE_DEBLOCKING, 0);
      library._de265_set_parameter_bool(inner, DISABLE_SAO, 0);
    };
    this.#functions?.set(index, nativeOf(filtering));
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
    const options = library._heif_decoding_options_alloc();
    library.HEAPU8[options + CONVERT_TO_8_BITS] = 1;
    library.HEAPU8[options + STRICT_DECODING] = strict ? 1 : 0;
    // There is memory for that size only.
    if (stated[0] !== width || stated[1] !== height) throw new Error(OTHER_SIZE);
    library._heif_decode_image(error, handle, out, RGB, INTERLEAVED_RGB, options);
    check();
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

const OTHER_SIZE = 'heif, of a HEVC picture: its size is not that which the file says';

/**
 * WebAssembly calls nothing but its own: this wraps a function of three numbers into a module that imports it and exports it
 * again, as Emscripten's `addFunction` does.
 */
function nativeOf(run: (a: number, b: number, c: number) => void): Native {
  const module = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // A type: three 32-bit integers, nothing comes back.
    ...[1, 7, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0],
    // Imported as "e", "f" of that type, exported as "f".
    ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0],
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: run } });
  return exports.f as Native;
}
