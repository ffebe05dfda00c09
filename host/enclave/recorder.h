/* recorder: what an enclave's console says: the newest part in memory, all of the newest in two
 * files of bounded size, and whoever looks on. A slow looker misses a part, and is told so; it
 * holds nobody up. */
#ifndef CLOISTER_HOST_ENCLAVE_RECORDER_H
#define CLOISTER_HOST_ENCLAVE_RECORDER_H

#include <stdbool.h>

#include "runtime/kernel/loop.h"

#define RECORDER_RING    65536u
#define RECORDER_FILE    (1u << 20) /* bytes after which a new file is begun */
#define RECORDER_LOOKERS 8u
#define RECORDER_TAIL    2048u /* bytes that are shown of a console whose enclave failed */

struct recorder;

struct looker {
	struct recorder *recorder;
	struct watch watch; /* its loop is null while the place is free */
	uint64_t at;        /* bytes of the console that were written to it or missed */
	bool leaving;       /* the console has ended: the rest is written, then it is closed */
};

struct recorder {
	/* Set by the owner, or null: what the console says, once it is kept. */
	void (*said)(void *user, const char *bytes, size_t size);
	void *user;

	struct loop *loop; /* null while closed */
	struct watch watch;
	int slave; /* held open, so that a console that nobody has open is no end */
	const char *folder;
	int file;
	uint64_t file_size;
	uint64_t head; /* bytes that came */
	char ring[RECORDER_RING];
	struct looker lookers[RECORDER_LOOKERS];
};

/* Takes a terminal over. folder: where the files are made, which outlives it. */
int recorder_open(struct recorder *recorder, struct loop *loop, int terminal, const char *folder,
	struct fault *fault);

/* Reads what there still is. */
void recorder_drain(struct recorder *recorder);
void recorder_close(struct recorder *recorder); /* a closed one may be closed again */

/* Shows the console on a socket, which is the recorder's from here on, from the oldest byte that is
 * kept. What the looker sends goes to the console. False, and the socket stays: no place. */
bool recorder_show(struct recorder *recorder, int fd);

/* The newest bytes, RECORDER_TAIL at most. Returns how many. */
size_t recorder_tail(const struct recorder *recorder, char tail[RECORDER_TAIL]);

#endif
