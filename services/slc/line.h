/* line: the socket between the front and the broker, seen from one of its ends.
 *
 * What one end owes the other is kept where it belongs, in its jobs, and not in a queue: a debtor
 * pays when the line has room, in the order in which debts were made. So no message is allocated,
 * and how many can wait is bounded by the number of jobs.
 */
#ifndef CLOISTER_SERVICES_SLC_LINE_H
#define CLOISTER_SERVICES_SLC_LINE_H

#include <sys/queue.h>

#include "runtime/kernel/loop.h"
#include "runtime/net/passing.h"
#include "services/slc/packet.h"

struct line;

struct debtor {
	/* Sends all that is owed. False: line_send had no room, and this is called again. */
	bool (*pay)(struct debtor *debtor, struct line *line);
	/* Called when all was paid and the debtor may owe anew; null: nothing comes of it. */
	void (*settled)(struct debtor *debtor);
	bool is_listed; /* the line's, as the rest */
	TAILQ_ENTRY(debtor) next;
};

struct line {
	/* Set by the owner before line_open. A packet that came, with as many descriptors as its
	 * kind has; they are the receiver's. */
	void (*came)(struct line *line, const struct packet *packet, const int *descriptors);

	/* Told once: the other end is gone (null), or has said what it must not. The line is
	 * closed. */
	void (*ended)(struct line *line, const struct fault *fault);

	enum packet_side other; /* who is at the other end */

	/* The line's. */
	struct loop *loop; /* null once it has ended */
	struct watch watch;
	TAILQ_HEAD(debtors, debtor) debtors;
	bool is_paying;
	struct passing passing; /* the message that came */
};

/* Takes over an end of a pair (runtime/net/passing.h). Fault: "limit". */
int line_open(struct line *line, struct loop *loop, int fd, struct fault *fault);
void line_close(struct line *line);

/* Has the debtor pay, now or when there is room. */
void line_owe(struct line *line, struct debtor *debtor);

/* Sends a packet with the descriptors of its kind, or null. Only in `pay`. On a line that has
 * ended everything counts as sent. */
bool line_send(struct line *line, const struct packet *packet, const int *descriptors);

#endif
