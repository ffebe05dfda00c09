/* hearing: what an enclave says to its host (spec/ports.md): the heartbeat on port 9000, lines on
 * port 9002. Listens where Unix sockets stand for CID 3. The enclave is hostile: few connections,
 * each for a short time and for one byte or one line. */
#ifndef CLOISTER_HOST_ENCLAVE_HEARING_H
#define CLOISTER_HOST_ENCLAVE_HEARING_H

#include "gen/notice.h"
#include "runtime/net/listener.h"

#define HEARING_EARS    8u /* connections to one port at a time */
#define HEARING_SECONDS 5u /* that one may take */

struct hearing;

/* A connection. */
struct ear {
	struct hearing *hearing;
	struct listener *listener; /* null: free */
	struct watch watch;
	struct timer limit;
	struct notice notice;
};

struct hearing {
	/* Set by the owner. A heartbeat may be answered while `heartbeat` is called. */
	void (*heartbeat)(void *user);
	void (*ready)(void *user, uint32_t units);
	void (*farewell)(void *user, uint32_t status);
	void *user;

	/* Its own. */
	uint32_t cid; /* over vsock, nobody else is heard; 0: whoever connects */
	struct listener beats, lines;
	struct ear ears[2u * HEARING_EARS];
	int answerable; /* -1: no heartbeat waits for an answer */
};

/* folder: that of all sockets, FOLDER/CID/PORT. Faults: those of listener_open. */
int hearing_open(
	struct hearing *hearing, struct loop *loop, const char *folder, struct fault *fault);

/* Hears lines alone, where the heartbeat is somebody else's to answer: those of one CID. */
int hearing_open_lines(struct hearing *hearing, struct loop *loop, const struct address *address,
	uint32_t cid, struct fault *fault);
void hearing_answer(struct hearing *hearing);
void hearing_close(struct hearing *hearing); /* a closed one may be closed again */

#endif
