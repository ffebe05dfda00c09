/* nsm_reply: see nsm_reply.h. */
#include "runtime/crypto/nsm_reply.h"

#include <string.h>

#include "runtime/crypto/cbor.h"

const char *const nsm_operation_names[NSM_OPERATIONS] = {"DescribeNSM", "DescribePCR", "ExtendPCR",
	"LockPCR", "LockPCRs", "Attestation", "GetRandom"};

static const char *const error_names[] = {"InvalidArgument", "InvalidIndex", "InvalidResponse",
	"ReadOnlyIndex", "InvalidOperation", "BufferTooSmall", "InputTooLarge", "InternalError"};
#define ERRORS (sizeof error_names / sizeof error_names[0])

/* All members of all replies, in one list. */
enum member {
	MAJOR,
	MINOR,
	PATCH,
	MODULE_ID,
	MAX_PCRS,
	LOCKED,
	DIGEST,
	LOCK,
	DATA,
	DOCUMENT,
	RANDOM,
	MEMBERS
};
static const char *const member_names[MEMBERS] = {"version_major", "version_minor", "version_patch",
	"module_id", "max_pcrs", "locked_pcrs", "digest", "lock", "data", "document", "random"};
#define HAS(MEMBER) (UINT32_C(1) << (MEMBER))

/* Those that a reply must have; a reply to a lock is its name alone. */
static const uint32_t needed[NSM_OPERATIONS] = {
	[NSM_DESCRIBE_NSM] = HAS(MAJOR) | HAS(MINOR) | HAS(PATCH) | HAS(MODULE_ID) | HAS(MAX_PCRS) |
			     HAS(LOCKED) | HAS(DIGEST),
	[NSM_DESCRIBE_PCR] = HAS(LOCK) | HAS(DATA),
	[NSM_EXTEND_PCR] = HAS(DATA),
	[NSM_ATTESTATION] = HAS(DOCUMENT),
	[NSM_GET_RANDOM] = HAS(RANDOM),
};

/* A reply has 12 KiB at most; a description lists 32 registers. */
static const struct cbor_limits limits = {
	.depth = 4, .count = 256, .length = 12288, .indefinite = true};

/* --- Members ---------------------------------------------------------------------------------- */

static int bad(struct fault *fault, const char *what)
{
	return fault_set(fault, "InvalidResponse", "the NSM's reply is refused: %s", what);
}

static int take_number(const struct cbor_item *item, uint16_t *number, struct fault *fault)
{
	if (item->kind != CBOR_UNSIGNED || item->argument > UINT16_MAX)
		return bad(fault, "a number is none of 16 bits");
	*number = (uint16_t)item->argument;
	return 0;
}

static int take_text(const struct cbor_item *item, char *text, size_t most, struct fault *fault)
{
	if (item->kind != CBOR_TEXT || item->size > most ||
		memchr(item->bytes, '\0', item->size) != NULL)
		return bad(fault, "a text is none, or too long");
	(void)memcpy(text, item->bytes, item->size);
	text[item->size] = '\0';
	return 0;
}

static int take_bytes(
	const struct cbor_item *item, size_t most, struct nsm_reply *reply, struct fault *fault)
{
	if (item->kind != CBOR_BYTES || item->size == 0 || item->size > most)
		return bad(fault, "bytes are missing, or too many");
	reply->bytes = item->bytes;
	reply->size = item->size;
	return 0;
}

static int take_flag(const struct cbor_item *item, bool *flag, struct fault *fault)
{
	const uint64_t is_false = 20, is_true = 21;

	if (item->kind != CBOR_SIMPLE || (item->argument != is_false && item->argument != is_true))
		return bad(fault, "a flag is none");
	*flag = item->argument == is_true;
	return 0;
}

static int take_locked(struct cbor_reader *reader, const struct cbor_item *array,
	struct nsm_description *description, struct fault *fault)
{
	struct cbor_item item;

	if (array->kind != CBOR_ARRAY)
		return bad(fault, "the list of locked registers is none");
	for (;;) {
		if (cbor_next(reader, &item, fault) < 0)
			return -1;
		if (item.kind == CBOR_LEAVE)
			return 0;
		if (item.kind != CBOR_UNSIGNED || item.argument >= NSM_PCRS)
			return bad(fault, "a locked register is none of ours");
		description->locked[item.argument] = true;
	}
}

static int take_member(struct cbor_reader *reader, enum member member, struct nsm_reply *reply,
	struct fault *fault)
{
	struct nsm_description *description = &reply->description;
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	switch (member) {
	case MAJOR:
		return take_number(&item, &description->major, fault);
	case MINOR:
		return take_number(&item, &description->minor, fault);
	case PATCH:
		return take_number(&item, &description->patch, fault);
	case MAX_PCRS:
		return take_number(&item, &description->pcrs, fault);
	case MODULE_ID:
		return take_text(&item, description->module_id, NSM_MODULE_MAX, fault);
	case DIGEST:
		return take_text(&item, description->digest, NSM_DIGEST_MAX, fault);
	case LOCKED:
		return take_locked(reader, &item, description, fault);
	case LOCK:
		return take_flag(&item, &reply->is_locked, fault);
	case DATA:
		return take_bytes(&item, NSM_PCR_MAX, reply, fault);
	case DOCUMENT:
	case RANDOM:
		return take_bytes(&item, limits.length, reply, fault);
	case MEMBERS:
		break;
	}
	return cbor_skip(reader, &item, fault);
}

/* A member of another operation is as unknown here as one that nobody knows. */
static int read_members(
	struct cbor_reader *reader, uint32_t wanted, struct nsm_reply *reply, struct fault *fault)
{
	uint32_t seen = 0, which;
	struct cbor_item item;

	if (cbor_expect(reader, CBOR_MAP, &item, fault) < 0)
		return -1;
	for (;;) {
		if (cbor_next(reader, &item, fault) < 0)
			return -1;
		if (item.kind == CBOR_LEAVE)
			break;
		if (cbor_key(&item, member_names, MEMBERS, &seen, &which, fault) < 0)
			return -1;
		if (which < MEMBERS && (wanted & HAS(which)) == 0)
			which = MEMBERS;
		if (take_member(reader, (enum member)which, reply, fault) < 0)
			return -1;
	}
	return (seen & wanted) == wanted ? 0 : bad(fault, "a member is missing");
}

/* --- The whole -------------------------------------------------------------------------------- */

static bool is_text(const struct cbor_item *item, const char *text)
{
	return item->kind == CBOR_TEXT && item->size == strlen(text) &&
	       memcmp(item->bytes, text, item->size) == 0;
}

static int refused(struct cbor_reader *reader, enum nsm_operation operation, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	for (size_t i = 0; i < ERRORS; i++)
		if (is_text(&item, error_names[i]))
			return fault_set(fault, error_names[i], "the NSM refuses %s: %s",
				nsm_operation_names[operation], error_names[i]);
	return bad(fault, "its error is unknown");
}

static int read_map(struct cbor_reader *reader, enum nsm_operation operation,
	struct nsm_reply *reply, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	if (is_text(&item, "Error"))
		return refused(reader, operation, fault);
	if (!is_text(&item, nsm_operation_names[operation]) || needed[operation] == 0)
		return bad(fault, "it answers something else");
	if (read_members(reader, needed[operation], reply, fault) < 0)
		return -1;
	if (cbor_expect(reader, CBOR_LEAVE, &item, fault) < 0)
		return -1;
	return cbor_end(reader, fault);
}

static int read_reply(struct cbor_reader *reader, enum nsm_operation operation,
	struct nsm_reply *reply, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	if (item.kind == CBOR_MAP)
		return read_map(reader, operation, reply, fault);
	if (!is_text(&item, nsm_operation_names[operation]) || needed[operation] != 0)
		return bad(fault, "it answers something else");
	return cbor_end(reader, fault);
}

static bool is_word_of_nsm(const char *word)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (strcmp(word, error_names[i]) == 0)
			return true;
	return false;
}

int nsm_reply_read(enum nsm_operation operation, const void *bytes, size_t size,
	struct nsm_reply *reply, struct fault *fault)
{
	struct cbor_reader reader;
	struct fault inner;

	*reply = (struct nsm_reply){.bytes = NULL};
	cbor_start(&reader, bytes, size, &limits);
	if (read_reply(&reader, operation, reply, fault) == 0)
		return 0;
	if (is_word_of_nsm(fault->word))
		return -1;
	inner = *fault;
	return bad(fault, inner.text);
}
