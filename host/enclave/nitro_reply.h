/* nitro_reply: what nitro-cli's JSON tells, read with bounds: a name or a number that can't be one
 * is a failure, and keys that are not known are passed over. Fault: "nitro_cli". */
#ifndef CLOISTER_HOST_ENCLAVE_NITRO_REPLY_H
#define CLOISTER_HOST_ENCLAVE_NITRO_REPLY_H

#include <jansson.h>

#include "runtime/kernel/fault.h"

#define NITRO_ENCLAVES_MAX 256u /* of a list; more are passed over */

/* An enclave of `run-enclave` or `describe-enclaves`: EnclaveName, EnclaveID, ProcessID,
 * EnclaveCID, NumberOfCPUs, CPUIDs, MemoryMiB, in this order, and of them only what has the right
 * form. The caller owns the result; null with the fault where EnclaveID has not. */
json_t *nitro_reply_enclave(const json_t *reply, struct fault *fault);

/* Of `describe-enclaves`: the object with that EnclaveID, borrowed; null: there is none. */
const json_t *nitro_reply_find(const json_t *reply, const char *id);

#endif
