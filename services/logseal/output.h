/* output: where sealed bytes go. It waits for whoever carries them for as long as it takes: init
 * keeps what units write meanwhile, and loses the oldest of it. */
#ifndef CLOISTER_SERVICES_LOGSEAL_OUTPUT_H
#define CLOISTER_SERVICES_LOGSEAL_OUTPUT_H

#include <signal.h>

#include "runtime/control/sealed.h"

#define OUTPUT_LAST_SECONDS 5 /* to take what is left, once we are to end */

struct output {
	int fd; /* does not block */
	struct hpke hpke;
	struct sealed_head head;
	const volatile sig_atomic_t *is_ending;
};

/* Begins a stream for the key, with a document of the NSM at `nsm` where there is one, and writes
 * its head. Faults: those of hpke.h and nsm.h, "io". */
int output_begin(struct output *output, const uint8_t key[HPKE_KEY_SIZE], const char *nsm,
	struct fault *fault);

/* Seals one record and writes it. Faults: "crypto", "io". */
int output_record(struct output *output, const uint8_t *plain, size_t size, struct fault *fault);

#endif
