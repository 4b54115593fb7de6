/** What is used of it. */
declare module 'picomatch' {
  interface Options {
    /** Whether `*` matches names that begin with a dot. */
    dot?: boolean;
    nocase?: boolean;
    nonegate?: boolean;
  }
  export default function picomatch(glob: string, options?: Options): (path: string) => boolean;
}
