/* signature: see signature.h. */
#include "runtime/eif/signature.h"

#include <string.h>

#include "gen/cbor_head.h"
#include "runtime/crypto/sign1.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(cbor_head)

struct reader {
	const uint8_t *next;
	const uint8_t *end;
};

/* Reads the head of one item: in its shortest form, and of definite length. */
static int read_head(struct reader *reader, struct cbor_head *head)
{
	cbor_head_init(head, 0);
	reader->next +=
		cbor_head_drive(head, 0, reader->next, (size_t)(reader->end - reader->next));
	return head->cs == CBOR_HEAD_IN_DONE ? 0 : -1;
}

/* Reads a head that has to be this one. */
static int expect(struct reader *reader, unsigned major, uint64_t value)
{
	struct cbor_head head;

	if (read_head(reader, &head) < 0 || head.major != major || head.argument != value)
		return -1;
	return 0;
}

/* Reads a byte or text string, which stays where it is. */
static int read_string(struct reader *reader, unsigned major, const uint8_t **bytes, size_t *size)
{
	struct cbor_head head;

	if (read_head(reader, &head) < 0 || head.major != major ||
		head.argument > (uint64_t)(reader->end - reader->next))
		return -1;
	*bytes = reader->next;
	*size = (size_t)head.argument;
	reader->next += head.argument;
	return 0;
}

/* Reads bytes that are written as an array of integers. */
static int read_integers(struct reader *reader, uint8_t bytes[EIF_SIGNATURE_MAX], size_t *size)
{
	struct cbor_head head;

	if (read_head(reader, &head) < 0 || head.major != CBOR_HEAD_ARRAY ||
		head.argument > EIF_SIGNATURE_MAX)
		return -1;
	*size = (size_t)head.argument;
	for (size_t i = 0; i < *size; i++) {
		if (read_head(reader, &head) < 0 || head.major != CBOR_HEAD_UNSIGNED ||
			head.argument > 255)
			return -1;
		bytes[i] = (uint8_t)head.argument;
	}
	return 0;
}

static bool is_text(const uint8_t *bytes, size_t size, const char *text)
{
	return size == strlen(text) && memcmp(bytes, text, size) == 0;
}

/* Reads the map's two members, in either order. */
static int read_members(struct reader *reader, struct signature *signature)
{
	const uint8_t *key;
	size_t size;

	signature->certificate_size = 0;
	signature->cose_size = 0;
	for (int i = 0; i < 2; i++) {
		if (read_string(reader, CBOR_HEAD_TEXT, &key, &size) < 0)
			return -1;
		if (is_text(key, size, "signing_certificate") && signature->certificate_size == 0) {
			if (read_integers(reader, signature->certificate,
				    &signature->certificate_size) < 0)
				return -1;
		} else if (is_text(key, size, "signature") && signature->cose_size == 0) {
			if (read_integers(reader, signature->cose, &signature->cose_size) < 0)
				return -1;
		} else {
			return -1;
		}
	}
	return signature->certificate_size == 0 || signature->cose_size == 0 ? -1 : 0;
}

int signature_decode(
	const uint8_t *bytes, size_t size, struct signature *signature, struct fault *fault)
{
	struct reader reader = {bytes, bytes + size};

	if (expect(&reader, CBOR_HEAD_ARRAY, 1) < 0 || expect(&reader, CBOR_HEAD_MAP, 2) < 0 ||
		read_members(&reader, signature) < 0 || reader.next != reader.end)
		return fault_set(fault, "signature-form",
			"the signature section is not one certificate and one signature in CBOR");
	return 0;
}

/* Takes a COSE_Sign1 apart: [protected, {}, payload, signature]. */
static int read_cose(const struct signature *signature, struct sign1 *sign1)
{
	struct reader reader = {signature->cose, signature->cose + signature->cose_size};

	if (expect(&reader, CBOR_HEAD_ARRAY, 4) < 0 ||
		read_string(&reader, CBOR_HEAD_BYTES, &sign1->protected, &sign1->protected_size) <
			0 ||
		expect(&reader, CBOR_HEAD_MAP, 0) < 0 ||
		read_string(&reader, CBOR_HEAD_BYTES, &sign1->payload, &sign1->payload_size) < 0 ||
		read_string(&reader, CBOR_HEAD_BYTES, &sign1->signature, &sign1->signature_size) <
			0 ||
		reader.next != reader.end)
		return -1;
	return 0;
}

/* Writes what a signature over this PCR0 signs: a2, "register_index" 0, "register_value" 48
 * integers. There is one encoding, so comparing bytes compares values. */
static size_t write_payload(const uint8_t pcr0[MEASURE_SIZE], uint8_t payload[256])
{
	static const char front[] = "\xa2\x6eregister_index\x00\x6eregister_value\x98\x30";
	size_t size = sizeof front - 1;

	memcpy(payload, front, size);
	for (size_t i = 0; i < MEASURE_SIZE; i++) {
		if (pcr0[i] >= 24)
			payload[size++] = 0x18;
		payload[size++] = pcr0[i];
	}
	return size;
}

int signature_verify(const struct signature *signature, X509 *certificate,
	const uint8_t pcr0[MEASURE_SIZE], bool *good, struct fault *fault)
{
	uint8_t payload[256];
	size_t size = write_payload(pcr0, payload);
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	struct sign1 sign1;

	*good = false;
	if (read_cose(signature, &sign1) < 0)
		return fault_set(fault, "signature-form",
			"the signature section's signature is no COSE_Sign1");
	if (sign1.payload_size != size || memcmp(sign1.payload, payload, size) != 0)
		return 0;
	return sign1_verify(&sign1, key, good, fault);
}
