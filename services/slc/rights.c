/* rights: see rights.h. */
#include "services/slc/rights.h"

#include <string.h>

#include "runtime/channel/fields.h"

/* Takes apart what the request is about. False: what request_check has let pass can't be read. */
static bool read_request(struct rights_request *request, struct authorized_request *asked)
{
	switch (asked->type) {
	case SLC_EXEC:
		asked->arguments = request->command.arguments;
		if (command_read(&request->command, request->fields, request->size) != 0)
			return false;
		asked->user = request->command.user;
		asked->is_altered = request->command.directory != NULL ||
				    request->command.is_login ||
				    request->command.environment[0] != NULL;
		return true;
	case SLC_PUT:
	case SLC_GET:
		if (request_path(&request->path, request->fields, request->size) != 0)
			return false;
		asked->path = request->path.name;
		asked->path_size = strlen(request->path.name);
		return true;
	case SLC_FORWARD:
	case SLC_LISTEN:
		if ((asked->type == SLC_FORWARD ? request_target : request_place)(
			    &request->target, request->fields, request->size) != 0)
			return false;
		address_print(&request->target, request->target_text);
		asked->target = request->target_text;
		return true;
	default:
		return true;
	}
}

/* The request with one more field. False: it does not fit. */
static bool make_plain(struct rights_request *request)
{
	struct field_writer writer;

	if (request->size > sizeof request->room - SLC_FIELD_SIZE)
		return false;
	(void)memcpy(request->room, request->fields, request->size);
	writer = field_writer_of(
		request->room + request->size, sizeof request->room - request->size);
	field_put(&writer, SLC_PLAIN, NULL, 0);
	request->fields = request->room;
	request->size += writer.used;
	return true;
}

/* Whether its path may lead through links. */
static bool may_follow(const struct authorized *authorized, const struct authorized_key *key,
	enum slc_type type, bool compares)
{
	return authorized_follows(authorized, key, type) &&
	       (!compares || authorized_follows(authorized, key, SLC_GET));
}

uint32_t rights_check(const struct authorized *authorized, const struct authorized_key *key,
	int64_t now, uint32_t type, const uint8_t *fields, size_t size,
	struct rights_request *request, const char **text)
{
	/* The log is evidence, as documents are, and theirs who may have those. */
	struct authorized_request asked = {
		.type = type == SLC_AUDIT ? SLC_ATTEST : (enum slc_type)type};
	enum permit permit = PERMIT_KEY;
	bool is_read, compares; /* compares: tells digests, to those who may read */

	request->fields = fields;
	request->size = size;
	is_read = read_request(request, &asked);
	if (is_read)
		permit = type == SLC_CONTROL ? authorized_job(key, true, now)
					     : authorized_permits(authorized, key, &asked, now);
	compares = is_read && type == SLC_PUT && (request->path.options & SLC_COPY_COMPARES) != 0;
	if (permit == PERMIT_ALLOWED && compares) {
		asked.type = SLC_GET;
		permit = authorized_permits(authorized, key, &asked, now);
	}
	*text = is_read ? permit_text(permit) : "the request can't be read";
	if (permit != PERMIT_ALLOWED)
		return SLC_REASON_DENIED;
	if ((type == SLC_PUT || type == SLC_GET) && !request->path.is_plain &&
		!may_follow(authorized, key, (enum slc_type)type, compares) &&
		!make_plain(request)) {
		*text = "the request is too long";
		return SLC_REASON_DENIED;
	}
	*text = "";
	return SLC_REASON_NONE;
}
