#pragma once

namespace fcn::binding {

/**
 * Has the process give large blocks of memory back to the system when they are freed, in all threads. Where
 * the C library does so anyway or lets nobody choose, and where the user has chosen by an environment
 * variable, nothing changes; nor does it when it is called again.
 *
 * glibc does so with blocks of 128 KB at first, but each larger one that is freed raises that, up to 32 MB:
 * from then on, what threads free stays with them, and a process of many threads that work on photos holds
 * several times what is in use.
 */
void giveBackFreedMemory();

}  // namespace fcn::binding
