/* module: see module.h. */
#include "host/nsmsim/module.h"

#include <openssl/rand.h>

#include "host/nsmsim/attest.h"
#include "host/nsmsim/request.h"
#include "runtime/crypto/cbor_write.h"

#define RANDOM_SIZE 256u

/* The version that hardware has today. */
enum { VERSION_MAJOR = 1, VERSION_MINOR = 0, VERSION_PATCH = 0 };

/* Each writes its reply and returns null, or writes something and returns the NSM's word for why
 * not. */
typedef const char *answerer(
	struct module *module, const struct request *request, struct cbor_writer *writer);

static void begin(struct cbor_writer *writer, enum nsm_operation operation, unsigned members)
{
	cbor_put_map(writer, 1);
	cbor_put_text(writer, nsm_operation_names[operation]);
	cbor_put_map(writer, members);
}

static void put_number(struct cbor_writer *writer, const char *name, uint64_t number)
{
	cbor_put_text(writer, name);
	cbor_put_unsigned(writer, number);
}

static void put_value(struct cbor_writer *writer, const uint8_t *value)
{
	cbor_put_text(writer, "data");
	cbor_put_bytes(writer, value, NSM_DIGEST_SIZE);
}

static const char *describe_nsm(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	bool is_locked[NSM_PCRS];
	unsigned count = 0;

	for (uint32_t i = 0; i < NSM_PCRS; i++) {
		is_locked[i] = bank_is_locked(&module->bank, i);
		count += is_locked[i];
	}
	begin(writer, request->operation, 7);
	put_number(writer, "version_major", VERSION_MAJOR);
	put_number(writer, "version_minor", VERSION_MINOR);
	put_number(writer, "version_patch", VERSION_PATCH);
	cbor_put_text(writer, "module_id");
	cbor_put_text(writer, module->id);
	put_number(writer, "max_pcrs", NSM_PCRS);
	cbor_put_text(writer, "locked_pcrs");
	cbor_put_array(writer, count);
	for (uint32_t i = 0; i < NSM_PCRS; i++)
		if (is_locked[i])
			cbor_put_unsigned(writer, i);
	cbor_put_text(writer, "digest");
	cbor_put_text(writer, "SHA384");
	return NULL;
}

static const char *describe_pcr(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	const uint8_t *value;
	const char *refusal = bank_find(&module->bank, request->number, &value);

	if (refusal != NULL)
		return refusal;
	begin(writer, request->operation, 2);
	cbor_put_text(writer, "lock");
	cbor_put_bool(writer, bank_is_locked(&module->bank, (uint32_t)request->number));
	put_value(writer, value);
	return NULL;
}

static const char *extend_pcr(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	const char *refusal = bank_extend(
		&module->bank, request->number, request->data.bytes, request->data.size);
	const uint8_t *value;

	if (refusal == NULL)
		refusal = bank_find(&module->bank, request->number, &value);
	if (refusal != NULL)
		return refusal;
	begin(writer, request->operation, 1);
	put_value(writer, value);
	return NULL;
}

static const char *lock_pcr(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	cbor_put_text(writer, nsm_operation_names[request->operation]);
	return bank_lock(&module->bank, request->number);
}

static const char *lock_pcrs(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	cbor_put_text(writer, nsm_operation_names[request->operation]);
	return bank_lock_range(&module->bank, request->number);
}

static const char *attest(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	static uint8_t document[MODULE_REPLY_MAX];
	size_t size;

	if (attest_make(module, request, document, sizeof document, &size) != 0)
		return "InternalError";
	begin(writer, request->operation, 1);
	cbor_put_text(writer, "document");
	cbor_put_bytes(writer, document, size);
	return NULL;
}

static const char *get_random(
	struct module *module, const struct request *request, struct cbor_writer *writer)
{
	uint8_t bytes[RANDOM_SIZE];

	(void)module;
	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return "InternalError";
	begin(writer, request->operation, 1);
	cbor_put_text(writer, "random");
	cbor_put_bytes(writer, bytes, sizeof bytes);
	return NULL;
}

static answerer *const answerers[NSM_OPERATIONS] = {
	[NSM_DESCRIBE_NSM] = describe_nsm,
	[NSM_DESCRIBE_PCR] = describe_pcr,
	[NSM_EXTEND_PCR] = extend_pcr,
	[NSM_LOCK_PCR] = lock_pcr,
	[NSM_LOCK_PCRS] = lock_pcrs,
	[NSM_ATTESTATION] = attest,
	[NSM_GET_RANDOM] = get_random,
};

size_t module_answer(
	struct module *module, const uint8_t *request, size_t size, uint8_t reply[MODULE_REPLY_MAX])
{
	struct cbor_writer writer = cbor_writer_of(reply, MODULE_REPLY_MAX);
	const char *refusal = "InputTooLarge";
	struct request decoded = {.number = 0};

	if (size <= MODULE_REQUEST_MAX)
		refusal = request_read(&decoded, request, size);
	if (refusal == NULL)
		refusal = answerers[decoded.operation](module, &decoded, &writer);
	if (refusal == NULL && writer.is_full)
		refusal = "BufferTooSmall";
	if (refusal != NULL) {
		writer = cbor_writer_of(reply, MODULE_REPLY_MAX);
		cbor_put_map(&writer, 1);
		cbor_put_text(&writer, "Error");
		cbor_put_text(&writer, refusal);
	}
	return writer.used;
}
