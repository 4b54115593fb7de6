/** Tells a command that the user wants it to stop. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** The signal that asked for it, if one has. */
  readonly by: NodeJS.Signals | undefined;
  /** Lets signals end the process again, as they do by default. */
  release(): void;
}

/**
 * Lets the first Ctrl-C (SIGINT) or SIGTERM abort the returned request's signal, so that the command can clean up and
 * end by itself. From then on signals have their usual effect: the second ends the process at once.
 */
export function listenForStop(): StopRequest {
  const stop = new AbortController();
  let by: NodeJS.Signals | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    by = name;
    release();
    stop.abort(new Error(`received ${name}`));
  };
  const release = () => {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: stop.signal,
    get by() {
      return by;
    },
    release,
  };
}
