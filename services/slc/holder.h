/* holder: the process that makes a listening socket for a client (forward -R): slc once more, under
 * another name. It hands the socket to the front, which accepts, and then does nothing but wait to
 * be told to end: then it removes the socket's file, where there is one. Its descriptors are those
 * of a dialler (dialler.h). */
#ifndef CLOISTER_SERVICES_SLC_HOLDER_H
#define CLOISTER_SERVICES_SLC_HOLDER_H

#define HOLDER_NAME "slc-holder" /* its arguments' first */

int holder_run(int count);

#endif
