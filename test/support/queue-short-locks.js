'use strict';
/*
 * To be loaded by `node --require` before the command: a job is its worker's for a fifth of the time, so that a test of many that are
 * killed does not wait for most of its own. What is promised of the real time has a test of its own.
 */
const times = require('../../lib/queue/server');

times.LOCK_MS /= 5;
times.CHECK_MS /= 5;
