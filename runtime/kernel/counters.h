/* counters: numbers that a running program keeps about itself, for whoever asks.
 *
 * The file that counts something says so once, and then adds:
 *   COUNTER(channels_opened, "Channels that were opened")
 *   ...
 *   counter_add(&channels_opened, 1);
 * A counter only grows; a gauge goes up and down. Both live as long as the program. One that was
 * never touched is not listed. Names are [a-z][a-z0-9_]*, each used in one file of a program: the
 * list is the process's, which is why it is a global. Safe in every thread.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_COUNTERS_H
#define CLOISTER_RUNTIME_KERNEL_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum counter_kind { COUNTER_GROWS, COUNTER_GAUGE };

struct counter {
	const char *name;
	const char *help; /* one line: what is counted, in which unit */
	enum counter_kind kind;
	_Atomic int64_t value;
	_Atomic int known; /* 1 once it is on the list */
	struct counter *next;
};

#define COUNTER(NAME, HELP)                                                                        \
	static struct counter NAME = {.name = #NAME, .help = HELP, .kind = COUNTER_GROWS};
#define GAUGE(NAME, HELP)                                                                          \
	static struct counter NAME = {.name = #NAME, .help = HELP, .kind = COUNTER_GAUGE};

/* Adds to either kind; a negative amount to a gauge only. */
void counter_add(struct counter *counter, int64_t amount);

/* Sets a gauge. */
void counter_set(struct counter *counter, int64_t value);

int64_t counter_value(const struct counter *counter);

/* One line per counter, then one per machine that was stepped (machine.h):
 *   {"counter":"channels_opened","kind":"counter","value":12}
 *   {"machine":"unit","steps":12,"moves":9} */
void counters_print_json(FILE *stream);

/* The counters as Prometheus reads them, with "cloister_" in front of each name:
 *   # HELP cloister_channels_opened Channels that were opened
 *   # TYPE cloister_channels_opened counter
 *   cloister_channels_opened 12 */
void counters_print_text(FILE *stream);

#endif
