/* attest: see attest.h. */
#include "host/nsmsim/attest.h"

#include "runtime/crypto/cbor_write.h"
#include "runtime/crypto/sign1.h"

#define MILLISECONDS 1000

static const uint8_t protected[] = {0xa1, 0x01, 0x38, 0x22}; /* {1: -35}, ES384 */

static void put_pcrs(struct cbor_writer *writer, struct bank *bank)
{
	bool is_locked[NSM_PCRS];
	unsigned count = 0;

	for (uint32_t i = 0; i < NSM_PCRS; i++) {
		is_locked[i] = bank_is_locked(bank, i);
		count += is_locked[i];
	}
	cbor_put_text(writer, "pcrs");
	cbor_put_map(writer, count);
	for (uint32_t i = 0; i < NSM_PCRS; i++) {
		if (!is_locked[i])
			continue;
		cbor_put_unsigned(writer, i);
		cbor_put_bytes(writer, bank->values[i], NSM_DIGEST_SIZE);
	}
}

static void put_certificates(struct cbor_writer *writer, const struct issuer *issuer)
{
	cbor_put_text(writer, "certificate");
	cbor_put_bytes(writer, issuer->certificate, issuer->certificate_size);
	cbor_put_text(writer, "cabundle");
	cbor_put_array(writer, ISSUER_BUNDLE);
	for (unsigned i = 0; i < ISSUER_BUNDLE; i++)
		cbor_put_bytes(writer, issuer->bundle[i], issuer->bundle_sizes[i]);
}

static void put_part(struct cbor_writer *writer, const char *name, const struct request_part *part)
{
	cbor_put_text(writer, name);
	if (part->bytes == NULL)
		cbor_put_null(writer);
	else
		cbor_put_bytes(writer, part->bytes, part->size);
}

static void put_payload(struct cbor_writer *writer, struct module *module,
	const struct request *request, int64_t now)
{
	cbor_put_open_map(writer);
	cbor_put_text(writer, "module_id");
	cbor_put_text(writer, module->id);
	cbor_put_text(writer, "digest");
	cbor_put_text(writer, "SHA384");
	cbor_put_text(writer, "timestamp");
	cbor_put_unsigned(writer, (uint64_t)now);
	put_pcrs(writer, &module->bank);
	put_certificates(writer, &module->issuer);
	put_part(writer, "public_key", &request->public_key);
	put_part(writer, "user_data", &request->user_data);
	put_part(writer, "nonce", &request->nonce);
	cbor_put_break(writer);
}

int attest_make(struct module *module, const struct request *request, uint8_t *document,
	size_t room, size_t *size)
{
	static uint8_t bytes[MODULE_REPLY_MAX];
	struct cbor_writer payload = cbor_writer_of(bytes, sizeof bytes);
	struct cbor_writer writer = cbor_writer_of(document, room);
	uint8_t signature[ISSUER_SIGNATURE_SIZE];
	const int64_t now = module->now();
	struct fault fault;

	if (issuer_renew(&module->issuer, now / MILLISECONDS, &fault) != 0)
		return -1;
	put_payload(&payload, module, request, now);
	if (payload.is_full || sign1_sign(&(struct sign1){.protected = protected,
						  .protected_size = sizeof protected,
						  .payload = payload.bytes,
						  .payload_size = payload.used,
						  .signature_size = sizeof signature},
				       module->issuer.key, signature, &fault) != 0)
		return -1;
	cbor_put_array(&writer, 4);
	cbor_put_bytes(&writer, protected, sizeof protected);
	cbor_put_map(&writer, 0);
	cbor_put_bytes(&writer, payload.bytes, payload.used);
	cbor_put_bytes(&writer, signature, sizeof signature);
	*size = writer.used;
	return writer.is_full ? -1 : 0;
}
