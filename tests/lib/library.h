/* library: an enclave's end in memory for tests of libcloister's sessions without a transport,
 * plain. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_LIBRARY_H
#define CLOISTER_TESTS_LIB_LIBRARY_H

#include "runtime/channel/cloister.h"
#include "runtime/channel/session.h"

/* The first word of a command says what is done: cat sends as much back as came, nothing is no
 * program, odd ends with a status that there is not, refuse is refused, wait does nothing. */
struct library_server {
	struct slc *slc;
	struct channel *channel;
	char word[16];
	unsigned signal;
	uint32_t reset;
	size_t most; /* bytes that move at once */
	size_t owed; /* bytes of input that were not sent back */
	bool has_ended;
	unsigned closed; /* how often its session has ended in good order */
};

/* Both ends, which have greeted; `most`: see there. */
struct cloister *library_begin(struct library_server *server, size_t most);
void library_end(struct cloister *session, struct library_server *server);

/* Moves what waits, both ways. Whether anything did. */
bool library_carry(struct cloister *session, struct library_server *server);

/* Until nothing moves any more. Returns what cloister_step has said last. */
int library_run(struct cloister *session, struct library_server *server);

#endif
