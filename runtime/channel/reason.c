/* reason: see reason.h. */
#include "runtime/channel/reason.h"

#include <stddef.h>

static const struct row {
	uint32_t first, last;
	const char *word;
	int exec_code, other_code;
} table[] = {
	{SLC_REASON_NONE, SLC_REASON_NONE, "none", 125, 68},
	{SLC_REASON_VERSION, SLC_REASON_VERSION, "version", 125, 67},
	{SLC_REASON_PROTOCOL, SLC_REASON_PROTOCOL, "protocol", 125, 67},
	{SLC_REASON_FLOW, SLC_REASON_FLOW, "flow", 125, 67},
	{SLC_REASON_TIMEOUT, SLC_REASON_TIMEOUT, "timeout", 125, 68},
	{SLC_REASON_LOST, SLC_REASON_LOST, "lost", 125, 68},
	{SLC_REASON_CLOSING, SLC_REASON_CLOSING, "closing", 125, 69},
	{SLC_REASON_LIMIT, SLC_REASON_LIMIT, "limit", 125, 69},
	{SLC_REASON_UNKNOWN, SLC_REASON_UNKNOWN, "unknown", 125, 67},
	{SLC_REASON_REQUEST, SLC_REASON_REQUEST, "request", 125, 65},
	{SLC_REASON_DENIED, SLC_REASON_DENIED, "denied", 125, 77},
	{SLC_REASON_NOT_FOUND, SLC_REASON_NOT_FOUND, "not_found", 127, 66},
	{SLC_REASON_NOT_EXECUTABLE, SLC_REASON_NOT_EXECUTABLE, "not_executable", 126, 66},
	{SLC_REASON_PATH, SLC_REASON_PATH, "path", 125, 77},
	{SLC_REASON_SPACE, SLC_REASON_SPACE, "space", 125, 74},
	{SLC_REASON_IO, SLC_REASON_IO, "io", 125, 74},
	{SLC_REASON_DIGEST, SLC_REASON_DIGEST, "digest", 125, 76},
	{SLC_REASON_CANCELLED, SLC_REASON_CANCELLED, "cancelled", 125, 71},
	{SLC_REASON_UNREACHABLE, SLC_REASON_UNREACHABLE, "unreachable", 125, 68},
	{SLC_REASON_INTERNAL, SLC_REASON_INTERNAL, "internal", 125, 70},
	{SLC_REASON_AUTH_REQUIRED, SLC_REASON_AUTH_REQUIRED, "auth_required", 125, 77},
	{SLC_REASON_AUTH, SLC_REASON_AUTH, "auth", 125, 77},
	{SLC_REASON_NO_DOCUMENT, SLC_REASON_NO_DOCUMENT, "no_document", 125, 77},
	{SLC_REASON_DOCUMENT, SLC_REASON_DOCUMENT, "document", 125, 77},
	{SLC_REASON_BINDING, SLC_REASON_BINDING, "binding", 125, 77},
	{SLC_REASON_KEY, SLC_REASON_KEY, "key", 125, 77},
	{SLC_REASON_EXPIRED, SLC_REASON_EXPIRED, "expired", 125, 77},
	{39, 59, "unknown", 125, 77}, /* kept for finer words about proofs */
};

static const struct row other = {0, UINT32_MAX, "unknown", 125, 67};

static const struct row *row_of(uint32_t reason)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].first <= reason && reason <= table[i].last)
			return &table[i];
	return &other;
}

const char *slc_reason_word(uint32_t reason)
{
	return row_of(reason)->word;
}

int slc_reason_exec_code(uint32_t reason)
{
	return row_of(reason)->exec_code;
}

int slc_reason_other_code(uint32_t reason)
{
	return row_of(reason)->other_code;
}
