/* request: see request.h. */
#include "services/slc/request.h"

#include <string.h>

#include "runtime/channel/binding.h"
#include "runtime/channel/fields.h"
#include "runtime/channel/wire.h"

/* Which fields each type of channel has. */
struct rule {
	uint32_t tag;
	bool is_repeated;
	bool is_needed;
	bool (*holds)(const struct field *field);
};

static bool is_text(const struct field *field)
{
	return memchr(field->value, '\0', field->length) == NULL;
}

static bool is_path(const struct field *field)
{
	return field->length >= 1 && field->length <= REQUEST_PATH_MAX && is_text(field);
}

static bool are_options(const struct field *field)
{
	uint32_t bits;

	return field_number(field, &bits) == 0 && bits <= REQUEST_OPTIONS_MAX;
}

/* NAME=VALUE */
static bool is_variable(const struct field *field)
{
	return is_text(field) && field->length > 1 && field->value[0] != '=' &&
	       memchr(field->value, '=', field->length) != NULL;
}

static bool is_directory(const struct field *field)
{
	return is_path(field) && field->value[0] == '/';
}

static bool is_user(const struct field *field)
{
	return field->length >= 1 && field->length <= REQUEST_USER_MAX && is_text(field);
}

static bool is_time(const struct field *field)
{
	uint32_t seconds;

	return field_number(field, &seconds) == 0 && 1 <= seconds && seconds <= REQUEST_TIME_MAX;
}

/* Names of terminals are names of files, in a folder that is not named. */
static bool is_terminal(const struct field *field)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";

	for (uint32_t i = 0; i < field->length; i++)
		if (field->value[i] == '\0' || strchr(letters, field->value[i]) == NULL)
			return false;
	return field->length >= 1 && field->length <= REQUEST_TERMINAL_MAX &&
	       field->value[0] != '.';
}

static bool is_window(const struct field *field)
{
	for (uint32_t i = 0; i + 4 <= field->length; i += 4)
		if (wire_number(field->value + i) > REQUEST_WINDOW_MAX)
			return false;
	return field->length == 16;
}

static bool is_empty(const struct field *field)
{
	return field->length == 0;
}

static bool is_limit(const struct field *field)
{
	uint64_t bytes;

	return field_long(field, &bytes) == 0 && bytes >= 1;
}

static const struct rule exec_rules[] = {
	{SLC_ARGUMENT, true, true, is_text},
	{SLC_ENVIRONMENT, true, false, is_variable},
	{SLC_DIRECTORY, false, false, is_directory},
	{SLC_USER, false, false, is_user},
	{SLC_TERMINAL, false, false, is_terminal},
	{SLC_TIME, false, false, is_time},
	{SLC_WINDOW_SIZE, false, false, is_window},
	{SLC_LOGIN, false, false, is_empty},
	{SLC_DETACHED, false, false, is_empty},
	{SLC_OUTPUT_LIMIT, false, false, is_limit},
	{0, false, false, NULL},
};

static bool is_pattern(const struct field *field)
{
	return field->length >= 1 && field->length <= COPY_EXCLUDE_MAX && is_text(field);
}

static bool is_share(const struct field *field)
{
	struct copy_share share;

	return request_share(&share, field) == 0;
}

static const struct rule put_rules[] = {
	{SLC_PATH, false, true, is_path},
	{SLC_OPTIONS, false, false, are_options},
	{SLC_PLAIN, false, false, is_empty},
	{SLC_SHARE, false, false, is_share},
	{0, false, false, NULL},
};

static const struct rule get_rules[] = {
	{SLC_PATH, false, true, is_path},
	{SLC_OPTIONS, false, false, are_options},
	{SLC_PLAIN, false, false, is_empty},
	{SLC_SHARE, false, false, is_share},
	{SLC_EXCLUDE, true, false, is_pattern},
	{0, false, false, NULL},
};

static bool is_short(const struct field *field)
{
	return field->length <= REQUEST_NONCE_MAX;
}

static bool is_public_key(const struct field *field)
{
	return field->length <= REQUEST_PUBLIC_KEY_MAX;
}

/* What a session's document begins with is no client's to have signed. */
static bool is_user_data(const struct field *field)
{
	return is_short(field) &&
	       !(field->length >= sizeof BINDING_MARK - 1 &&
		       memcmp(field->value, BINDING_MARK, sizeof BINDING_MARK - 1) == 0);
}

static const struct rule attest_rules[] = {
	{SLC_NONCE, false, false, is_short},
	{SLC_USER_DATA, false, false, is_user_data},
	{SLC_PUBLIC_KEY, false, false, is_public_key},
	{0, false, false, NULL},
};

/* Where one can connect to: by a path from the root, and not through a hypervisor's socket. */
static int read_target(const struct field *field, struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	struct fault fault;

	if (field_text(field, text, sizeof text) != 0 || address_parse(text, address, &fault) != 0)
		return -1;
	switch (address->kind) {
	case ADDRESS_UNIX:
		return address->text[0] == '/' ? 0 : -1;
	case ADDRESS_ABSTRACT:
		return 0;
	case ADDRESS_HYBRID:
		return -1;
	default:
		return address->port != 0 ? 0 : -1;
	}
}

static bool is_target(const struct field *field)
{
	struct address address;

	return read_target(field, &address) == 0;
}

/* Where one can listen: not by a name, which may be another place tomorrow. */
static int read_place(const struct field *field, struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	struct fault fault;

	if (field_text(field, text, sizeof text) != 0 ||
		address_parse(text, address, &fault) != 0 || address_is_name(address) ||
		address->kind == ADDRESS_HYBRID)
		return -1;
	return address->kind != ADDRESS_UNIX || address->text[0] == '/' ? 0 : -1;
}

static bool is_place(const struct field *field)
{
	struct address address;

	return read_place(field, &address) == 0;
}

static const struct rule listen_rules[] = {
	{SLC_PLACE, false, true, is_place},
	{0, false, false, NULL},
};

static const struct rule forward_rules[] = {
	{SLC_TARGET, false, true, is_target},
	{0, false, false, NULL},
};

static const struct rule audit_rules[] = {{0, false, false, NULL}};

static uint32_t refuse(const char **text, uint32_t reason, const char *why)
{
	*text = why;
	return reason;
}

static unsigned bit_of(const struct rule *rules, uint32_t tag)
{
	unsigned i = 0;

	while (rules[i].tag != tag)
		i++;
	return 1u << i;
}

/* --- Controls --------------------------------------------------------------------------------- */

static bool is_verb(const struct field *field)
{
	return field->length >= 1 && field->length <= REQUEST_VERB_MAX && is_text(field);
}

static bool is_job(const struct field *field)
{
	uint32_t number;

	return field_number(field, &number) == 0 && number >= 1;
}

static bool is_signal(const struct field *field)
{
	uint32_t number;

	return field_number(field, &number) == 0 && 1 <= number && number <= 64;
}

static bool is_following(const struct field *field)
{
	uint32_t bits;

	return field_number(field, &bits) == 0 && bits <= REQUEST_FOLLOW;
}

static const struct rule control_rules[] = {
	{SLC_VERB, false, true, is_verb},
	{SLC_JOB, false, false, is_job},
	{SLC_JOB_SIGNAL, false, false, is_signal},
	{SLC_JOB_OPTIONS, false, false, is_following},
	{0, false, false, NULL},
};

/* What fields say together. */
static uint32_t check_whole(
	uint32_t type, const uint8_t *fields, size_t size, unsigned seen, const char **text)
{
	const unsigned detached = bit_of(exec_rules, SLC_DETACHED);
	const unsigned terminal = bit_of(exec_rules, SLC_TERMINAL);

	if (type == SLC_CONTROL)
		return request_check_verb(fields, size, seen, text);
	if (type == SLC_EXEC && (seen & detached) != 0 && (seen & terminal) != 0)
		return refuse(text, SLC_REASON_REQUEST, "a detached command has no terminal");
	return SLC_REASON_NONE;
}

bool request_enters(uint32_t type)
{
	return type != SLC_ATTEST && type != SLC_AUDIT;
}

static const struct rule *rules_of(uint32_t type)
{
	switch (type) {
	case SLC_EXEC:
		return exec_rules;
	case SLC_PUT:
		return put_rules;
	case SLC_GET:
		return get_rules;
	case SLC_ATTEST:
		return attest_rules;
	case SLC_CONTROL:
		return control_rules;
	case SLC_FORWARD:
		return forward_rules;
	case SLC_AUDIT:
		return audit_rules;
	case SLC_LISTEN:
		return listen_rules;
	default:
		return NULL;
	}
}

static const struct rule *rule_of(const struct rule *rules, uint32_t tag)
{
	for (; rules->tag != 0; rules++)
		if (rules->tag == tag)
			return rules;
	return NULL;
}

/* `seen` has a bit for each rule. */
static uint32_t check_field(
	const struct rule *rules, const struct field *field, unsigned *seen, const char **text)
{
	const struct rule *rule = rule_of(rules, field->tag);
	unsigned bit;

	if (rule == NULL && field->tag >= SLC_TAG_SKIPPED)
		return SLC_REASON_NONE;
	if (rule == NULL)
		return refuse(text, SLC_REASON_UNKNOWN, "the request has a field unknown here");
	bit = 1u << (unsigned)(rule - rules);
	if (!rule->holds(field))
		return refuse(text, SLC_REASON_REQUEST, "a field has a value that it can't have");
	if ((*seen & bit) != 0 && !rule->is_repeated)
		return refuse(text, SLC_REASON_REQUEST, "a field stands twice");
	/* The first argument names the program. */
	if (rule->tag == SLC_ARGUMENT && (*seen & bit) == 0 && field->length == 0)
		return refuse(text, SLC_REASON_REQUEST, "the command has no name");
	*seen |= bit;
	return SLC_REASON_NONE;
}

uint32_t request_check(uint32_t type, const uint8_t *fields, size_t size, const char **text)
{
	const struct rule *rules = rules_of(type);
	struct fields row = fields_of(fields, size);
	enum fields_result result;
	struct field field;
	unsigned seen = 0, counted = 0;

	*text = "";
	if (rules == NULL)
		return refuse(text, SLC_REASON_UNKNOWN, "there are no such channels here");
	if (size > REQUEST_SIZE_MAX)
		return refuse(text, SLC_REASON_LIMIT, "the request is too long");
	while ((result = fields_next(&row, &field)) == FIELDS_NEXT) {
		uint32_t reason = check_field(rules, &field, &seen, text);

		if (reason != SLC_REASON_NONE)
			return reason;
		if (field.tag == SLC_EXCLUDE && ++counted > COPY_EXCLUDES_MAX)
			return refuse(text, SLC_REASON_LIMIT, "there are too many patterns");
		if (field.tag == SLC_ENVIRONMENT && ++counted > REQUEST_VARIABLES_MAX)
			return refuse(text, SLC_REASON_LIMIT, "there are too many variables");
	}
	if (result == FIELDS_BROKEN)
		return refuse(text, SLC_REASON_REQUEST, "the request can't be read");
	for (const struct rule *rule = rules; rule->tag != 0; rule++)
		if (rule->is_needed && (seen & 1u << (unsigned)(rule - rules)) == 0)
			return refuse(text, SLC_REASON_REQUEST, "a field is missing");
	return check_whole(type, fields, size, seen, text);
}

int request_target(struct address *target, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;

	while (fields_next(&row, &field) == FIELDS_NEXT)
		if (field.tag == SLC_TARGET)
			return read_target(&field, target);
	return -1;
}

int request_place(struct address *place, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;

	while (fields_next(&row, &field) == FIELDS_NEXT)
		if (field.tag == SLC_PLACE)
			return read_place(&field, place);
	return -1;
}
