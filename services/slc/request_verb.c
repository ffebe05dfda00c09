/* request_verb: what the verbs of a control have beside themselves; see request.h. */
#include <string.h>

#include "runtime/channel/fields.h"
#include "services/slc/request.h"

/* Bits as request.h says. */
static const struct {
	const char *verb;
	unsigned needed, allowed;
} verbs[] = {{"ps", 0, 0}, {"logs", 2, 2 | 8}, {"kill", 2 | 4, 2 | 4}, {"wait", 2, 2}};

uint32_t request_check_verb(const uint8_t *fields, size_t size, unsigned seen, const char **text)
{
	struct fields row = fields_of(fields, size);
	struct field field;
	char verb[REQUEST_VERB_MAX + 1] = "";

	while (fields_next(&row, &field) == FIELDS_NEXT)
		if (field.tag == SLC_VERB)
			(void)field_text(&field, verb, sizeof verb);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(verbs[i].verb, verb) != 0)
			continue;
		seen &= ~1u;
		if ((seen & verbs[i].needed) == verbs[i].needed && (seen & ~verbs[i].allowed) == 0)
			return SLC_REASON_NONE;
		*text = "the verb has other fields";
		return SLC_REASON_REQUEST;
	}
	*text = "there is no such verb here";
	return SLC_REASON_UNKNOWN;
}
