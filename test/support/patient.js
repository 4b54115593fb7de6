'use strict';

/*
 * To be loaded by `node --require` before a command: it waits for other programs for as long as they take, where it would give them up
 * after some seconds. On a busy machine, they may need these to begin.
 */
const { setTimeout } = globalThis;
globalThis.setTimeout = (does, ms, ...more) => setTimeout(does, ms >= 3000 ? 1e9 : ms, ...more);
