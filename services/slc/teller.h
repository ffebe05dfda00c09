/* teller: what the front does by itself and the broker's log has to be told of: requests of type
 * control (spec/audit.md). As many may wait for room on the line as there are places. */
#ifndef CLOISTER_SERVICES_SLC_TELLER_H
#define CLOISTER_SERVICES_SLC_TELLER_H

#include "services/slc/line.h"

#define TELLER_MAX      64u  /* that may wait */
#define TELLER_SIZE_MAX 256u /* bytes of a request */

struct teller {
	struct debtor debtor;
	unsigned first, count;
	struct {
		uint32_t session;
		size_t size;
		uint8_t fields[TELLER_SIZE_MAX];
	} list[TELLER_MAX];
};

void teller_init(struct teller *teller);

/* Tells of a request, before what is done for it. False: it is too long, or too many wait. */
bool teller_tell(struct teller *teller, struct line *line, uint32_t session, const uint8_t *fields,
	size_t size);

#endif
