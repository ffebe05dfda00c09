/* root: the development root of simulated NSMs: made at first use and kept in a folder of its user,
 * key and certificate apart. Who has the key can make documents that name this root; verifiers
 * trust it only where it is named to them. */
#ifndef CLOISTER_HOST_NSMSIM_ROOT_H
#define CLOISTER_HOST_NSMSIM_ROOT_H

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/kernel/fault.h"

struct root {
	EVP_PKEY *key;
	X509 *certificate;
};

/* The folder: `chosen`, or $XDG_STATE_HOME/cloister/nsmsim, or $HOME/.local/state/cloister/nsmsim.
 * Fault: "root" (none of these is known, or the path is too long). */
int root_folder(char folder[PATH_MAX], const char *chosen, struct fault *fault);

/* Where the certificate is. */
int root_path(char path[PATH_MAX], const char *folder, struct fault *fault);

/* Reads the root, or makes it. The key must be readable by its owner alone. Faults: "root",
 * "crypto". */
int root_open(struct root *root, const char *folder, struct fault *fault);
void root_close(struct root *root);

#endif
