import { thisMachine } from '../../src/native/binary';

/** `test`, or `test.skip` elsewhere than on Linux. */
export const onLinux = process.platform === 'linux' ? test : test.skip;

/** `test`, or `test.skip` on Windows. */
export const notOnWindows = process.platform === 'win32' ? test.skip : test;

/** `test`, or `test.skip` where the C library is another than glibc. */
export const onGlibc = thisMachine().libc === 'glibc' ? test : test.skip;
