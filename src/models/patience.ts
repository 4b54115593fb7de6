/** How patient a download is; tests make it less so. */
export interface Patience {
  /** Connections that may fail in a row without a single new byte before the download is given up. */
  readonly tries: number;
  /** Pause before the second try in milliseconds; doubles with each further one. */
  readonly pauseMs: number;
  /** A connection that sends nothing for this long is taken as broken. */
  readonly idleMs: number;
}

export const DEFAULT_PATIENCE: Patience = { tries: 5, pauseMs: 500, idleMs: 30_000 };
