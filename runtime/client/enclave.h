/* enclave: where an enclave of a given name listens, by the state that its launcher keeps:
 *
 *   FOLDER/NAME/address   one line: the address of the enclave's channel
 *
 * FOLDER is $XDG_RUNTIME_DIR/cloister or, for root without that, /run/cloister. A name is one part
 * of a path that does not begin with a dot; nothing behind FOLDER is reached by a symbolic link.
 */
#ifndef CLOISTER_RUNTIME_CLIENT_ENCLAVE_H
#define CLOISTER_RUNTIME_CLIENT_ENCLAVE_H

#include <limits.h>

#include "runtime/client/failure.h"
#include "runtime/net/address.h"

/* Faults: "usage" (it is no name, or there is no FOLDER to look in), "not_found" (no such enclave,
 * or it has no address), "input" (the file can't be read, or has no address in it), those of
 * runtime/kernel/path.h. */
int enclave_address(const char *name, struct address *address, struct failure *failure);

/* FOLDER. Fault: "usage" (there is none). */
int enclave_folder(char path[PATH_MAX], struct fault *fault);

#endif
