/* journal: the file in which the broker's log outlives the broker (spec/audit.md), in a folder that
 * one slc at a time has. What it holds is not believed when it is read again: that is ledger_keep's
 * part; this one only sees to it that nobody but its owner could have written it. */
#ifndef CLOISTER_SERVICES_SLC_JOURNAL_H
#define CLOISTER_SERVICES_SLC_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define JOURNAL_FILE "log"
#define JOURNAL_NEXT "log.new" /* one that is being written, and not there yet */

struct journal {
	bool is_open; /* else the log is in memory alone */
	int folder;   /* locked, as long as it is open */
	int file;     /* what is added goes to its end; -1: none is there */
};

/* Makes the folder if it is not there, and has it alone. Faults: "in_use" (another slc has it, and
 * keeps it for some seconds), "journal" (it is none, or others may write in it), "io". */
int journal_open(struct journal *journal, const char *path, struct fault *fault);
void journal_close(struct journal *journal);

/* The file that an earlier one has left, of `most` bytes at most, for reading. Faults: "not_found",
 * "journal" (it is not one that we have made), "io". */
int journal_read(const struct journal *journal, uint64_t most, struct fault *fault);

/* A file that is to take its place, and does so at once and whole, with journal_put: the descriptor
 * is the journal's then, also where it fails. Fault: "io". */
int journal_begin(const struct journal *journal, struct fault *fault);
int journal_put(struct journal *journal, int file, struct fault *fault);

/* Fault: "io": all of it is there, or the file is of no use any more. */
int journal_add(
	const struct journal *journal, const uint8_t *bytes, size_t size, struct fault *fault);

/* It could not be written: nothing is left that a later one could go on from, until a whole one is
 * put there. */
void journal_lose(struct journal *journal);

#endif
