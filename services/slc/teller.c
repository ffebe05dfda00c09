/* teller: see teller.h. */
#include "services/slc/teller.h"

#include <stddef.h>
#include <string.h>

static bool pay(struct debtor *debtor, struct line *line)
{
	struct teller *teller = (struct teller *)((char *)debtor - offsetof(struct teller, debtor));

	while (teller->count > 0) {
		const struct packet packet = {.kind = PACKET_CONTROL,
			.number = teller->list[teller->first].session,
			.bytes = teller->list[teller->first].fields,
			.size = teller->list[teller->first].size};

		if (!line_send(line, &packet, NULL))
			return false;
		teller->first = (teller->first + 1) % TELLER_MAX;
		teller->count--;
	}
	return true;
}

void teller_init(struct teller *teller)
{
	(void)memset(teller, 0, sizeof *teller);
	teller->debtor.pay = pay;
}

bool teller_tell(struct teller *teller, struct line *line, uint32_t session, const uint8_t *fields,
	size_t size)
{
	const unsigned place = (teller->first + teller->count) % TELLER_MAX;

	if (teller->count == TELLER_MAX || size > TELLER_SIZE_MAX)
		return false;
	teller->list[place].session = session;
	teller->list[place].size = size;
	(void)memcpy(teller->list[place].fields, fields, size);
	teller->count++;
	line_owe(line, &teller->debtor);
	return true;
}
