/* packet: what the front and the broker say to each other: a kind and the number of a job, 4 bytes
 * each, then fields (runtime/channel/fields.h). Each packet is one message of a SOCK_SEQPACKET.
 *
 *   front                                                    broker
 *     PART, EXEC | PUT | GET | ... ------------------>        makes the process and its pipes
 *                                    <------------------     PIPES with descriptors
 *                                    <------------------     STARTED
 *     SIGNAL                         ------------------>
 *                                    <------------------     EXITED | KILLED  (not reaped)
 *     DONE                           ------------------>     reaps; the number is free again
 *
 * NOT_STARTED comes in the place of STARTED, or of PIPES too; nothing of this job follows it but
 * the front's DONE. Signals may cross it.
 *
 * The broker trusts no packet: it takes the kinds that a front sends, with the fields that their
 * row in packet.c says, and nothing else.
 */
#ifndef CLOISTER_SERVICES_SLC_PACKET_H
#define CLOISTER_SERVICES_SLC_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/channel/protocol.h"
#include "runtime/kernel/fault.h"

enum packet_kind {
	/* The front's. */
	PACKET_PART = 1,   /* bytes: the next ones of the request that is on its way */
	PACKET_EXEC = 2,   /* bytes: the last ones; number: the session; run the command */
	PACKET_PUT = 3,    /* the same; receive files */
	PACKET_GET = 4,    /* the same; send files */
	PACKET_SIGNAL = 5, /* number: the signal for the process and its group */
	PACKET_DONE = 6,   /* reap what has ended; the job is over */

	/* The broker's. */
	PACKET_PIPES = 7,       /* descriptors: input to write, output and error output to read */
	PACKET_STARTED = 8,     /* the program runs */
	PACKET_NOT_STARTED = 9, /* number: 125 to 127; reason, text: why */
	PACKET_EXITED = 10,     /* number: the code */
	PACKET_KILLED = 11,     /* number: the signal */

	/* The front's, too. */
	PACKET_ATTEST = 12, /* bytes: the last ones; ask the NSM for a document */
	PACKET_DIAL = 21,   /* the same, and the session; connect to the target of a forward */
	PACKET_LISTEN = 22, /* the same; listen for connections */

	/* About the log (ledger.h). */
	PACKET_SESSION = 27, /* of no job. number: the session's; bytes: fields 182 and 183 */
	PACKET_MARK = 28,    /* mark register 18 with the log as it is now */
	PACKET_LOG = 29,     /* bytes: the last ones; send the log */
	PACKET_PROVE = 30,   /* as ATTEST, for a session: the document tells of the log, too */
	PACKET_CONTROL = 31  /* of no job. number: the session; bytes: a request of type control */
};

#define PACKET_PIPES_COUNT 3u    /* descriptors that come with PIPES; no other kind has any */
#define PACKET_SIZE_MAX    4096u /* bytes of one packet */
#define PACKET_PART_MAX    3072u /* bytes of a request in one packet */

enum packet_side { PACKET_FROM_FRONT = 1, PACKET_FROM_BROKER = 2 };

/* What a kind does not have is 0. */
struct packet {
	enum packet_kind kind;
	uint32_t id;
	uint32_t number;
	uint32_t reason;              /* enum slc_reason */
	char text[SLC_TEXT_MAX + 1u]; /* for people */
	const uint8_t *bytes;         /* belongs to whoever has the packet's bytes */
	size_t size;                  /* at most PACKET_PART_MAX */
};

/* Writes a packet. Returns its size. */
size_t packet_encode(const struct packet *packet, uint8_t bytes[PACKET_SIZE_MAX]);

/* Reads a packet that `from` has sent with so many descriptors. Fault: "packet". */
int packet_decode(struct packet *packet, enum packet_side from, const uint8_t *bytes, size_t size,
	unsigned descriptors, struct fault *fault);

#endif
