/* ledger: the log of sessions, commands and copies, as the broker keeps it (spec/audit.md): the
 * newest records and the heads that lead to them. It has its size from the start; what is older
 * than it holds is dropped and counted, and the chain goes on. */
#ifndef CLOISTER_SERVICES_SLC_LEDGER_H
#define CLOISTER_SERVICES_SLC_LEDGER_H

#include "runtime/channel/binding.h"
#include "runtime/channel/record.h"

#define LEDGER_REGISTER 18u /* the mark: spec/pcr.md */

struct ledger_record {
	size_t size;
	uint8_t bytes[RECORD_MAX];
};

struct ledger {
	uint32_t most;                                          /* records that it holds */
	uint64_t count, dropped;                                /* ever; of these, gone */
	uint8_t head[RECORD_HEAD_SIZE], base[RECORD_HEAD_SIZE]; /* at count, and at dropped */
	struct ledger_record *list;                             /* record n at (n - 1) % most */

	/* Register 18. */
	bool is_marking, is_marked;
	uint64_t marked;
	uint8_t mark[RECORD_HEAD_SIZE];
};

/* Fault: "memory". */
int ledger_open(struct ledger *ledger, uint32_t most, struct fault *fault);
void ledger_close(struct ledger *ledger);

/* Gives a record its number and its time, and links it. Fault: "crypto": nothing was added. */
int ledger_add(struct ledger *ledger, struct record *record, struct fault *fault);

/* A request that is about to be acted on: fields[0..size) of a channel of that type. */
int ledger_add_request(struct ledger *ledger, uint32_t type, uint32_t session,
	const uint8_t *fields, size_t size, struct fault *fault);

/* The head now becomes the one that the register is marked with: until ledger_marked says how that
 * went nobody else may mark. */
void ledger_mark(struct ledger *ledger);
void ledger_marked(struct ledger *ledger, bool is_well);

/* All of it as the stream of a channel of type 7, in a file without a name. Fault: "limit". */
int ledger_file(const struct ledger *ledger, struct fault *fault);

#endif
