/** One thing that was looked at. */
export interface Finding {
  /** Stable; for programs. */
  readonly name:
    | 'platform'
    | 'node'
    | 'memory'
    | 'native'
    | 'instructions'
    | 'models'
    | 'sharp'
    | 'libheif'
    | 'opencv'
    | 'ffmpeg'
    | 'exiftool'
    | 'self-test';
  /** `note`: worth knowing, but nothing is broken. */
  readonly status: 'ok' | 'note' | 'problem';
  /** For people. */
  readonly message: string;
  /** What mends it: a command, or what to do. With every `problem`. */
  readonly remedy?: string;
  /** The same for programs; which fields there are depends on `name`. */
  readonly details?: Readonly<Record<string, unknown>>;
}
