/* rights: what the key of a client may have of the service (spec/keys.md), asked for each request
 * after request_check and before anything is done. */
#ifndef CLOISTER_SERVICES_SLC_RIGHTS_H
#define CLOISTER_SERVICES_SLC_RIGHTS_H

#include "runtime/channel/authorized.h"
#include "services/slc/command.h"
#include "services/slc/request.h"

/* Where a request is kept that differs from the client's. One at a time is enough. */
struct rights_request {
	const uint8_t *fields;
	size_t size;
	struct command command;
	struct request_path path;
	struct address target;
	char target_text[ADDRESS_TEXT_MAX];
	uint8_t room[REQUEST_SIZE_MAX];
};

/* Whether the key may have what fields[0..size) of a type ask for at the time `now`, in seconds
 * since 1970. `request` has then the fields to go on with: where the key has not all paths, the
 * path may lead through no link, and they say so. SLC_REASON_NONE or else `denied`, with the text
 * for the client's person. A control is permitted to who may have a job of his own; which jobs of
 * others he may have is asked for each of them. */
uint32_t rights_check(const struct authorized *authorized, const struct authorized_key *key,
	int64_t now, uint32_t type, const uint8_t *fields, size_t size,
	struct rights_request *request, const char **text);

#endif
