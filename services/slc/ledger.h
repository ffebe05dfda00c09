/* ledger: the log of sessions, commands and copies, as the broker keeps it (spec/audit.md): the
 * newest records and the heads that lead to them. It has its size from the start; what is older
 * than it holds is dropped and counted, and the chain goes on. */
#ifndef CLOISTER_SERVICES_SLC_LEDGER_H
#define CLOISTER_SERVICES_SLC_LEDGER_H

#include "runtime/channel/binding.h"
#include "runtime/channel/record.h"
#include "services/slc/journal.h"

#define LEDGER_REGISTER 18u   /* the mark: spec/pcr.md */
#define LEDGER_MOST     4096u /* records, of any setting */

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
	bool is_remembered; /* the mark is from the file: it is told, and stays what it is */
	uint64_t marked;
	uint8_t mark[RECORD_HEAD_SIZE];

	/* Where it is kept, if it is. */
	struct journal journal;
	uint64_t in_file; /* records */
	bool is_lost;     /* there is no file, since it could not be written */
};

/* Fault: "memory". */
int ledger_open(struct ledger *ledger, uint32_t most, struct fault *fault);
void ledger_close(struct ledger *ledger);

/* Goes on from the log that an earlier service has kept in the folder, if it is one, and keeps it
 * there from now on; else a new log begins. Which it is is told, and is its next record. Where
 * the file can't be written it is removed, and all of it tried anew with each further record, until
 * that is done. Fault: "in_use". */
int ledger_keep(struct ledger *ledger, const char *folder, struct fault *fault);

/* Gives a record its number and its time, and links it. Fault: "crypto": nothing was added. */
int ledger_add(struct ledger *ledger, struct record *record, struct fault *fault);

/* A request that is about to be acted on: fields[0..size) of a channel of that type. */
int ledger_add_request(struct ledger *ledger, uint32_t type, uint32_t session,
	const uint8_t *fields, size_t size, struct fault *fault);

/* The head now becomes the one that the register is marked with: until ledger_marked says how that
 * went nobody else may mark. */
void ledger_mark(struct ledger *ledger);
void ledger_marked(struct ledger *ledger, bool is_well);

/* Parts of it, between its files: nothing is in it again; a record is linked, as it is; and a head
 * or all of it is written as the stream of a channel of type 7. */
void ledger_clear(struct ledger *ledger);
int ledger_link(struct ledger *ledger, const uint8_t *bytes, size_t size, struct fault *fault);
bool ledger_write_head(int fd, uint32_t tag, uint64_t number, const uint8_t *head);
bool ledger_write(const struct ledger *ledger, int fd, bool has_mark);

/* Keeps the newest record, which is linked by now, or all that there is. */
void ledger_append(struct ledger *ledger, const uint8_t *record, size_t size);
void ledger_rewrite(struct ledger *ledger);

/* All of it as the stream of a channel of type 7, in a file without a name. Fault: "limit". */
int ledger_file(const struct ledger *ledger, struct fault *fault);

#endif
