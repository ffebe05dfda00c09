/* eif_signature: the signature section of an image: any bytes as they are, or a section made by
 * libcbor's encoder and then bent in one byte. What is accepted must be what libcbor would write of
 * it, byte for byte; and of all COSE_Sign1 the one that the key has made is good, and no other. */
#include <cbor.h>
#include <openssl/x509.h>

#include "fuzz/input.h"
#include "runtime/eif/signature.h"

#define ROOM 131072 /* more than a section of the longest parts takes */

static struct signature signature, decoded;
static uint8_t section[ROOM], again[ROOM];

static size_t write_text(uint8_t *to, const char *text)
{
	size_t head = cbor_encode_string_start(strlen(text), to, ROOM);

	memcpy(to + head, text, strlen(text));
	return head + strlen(text);
}

static size_t write_integers(uint8_t *to, const uint8_t *bytes, size_t size)
{
	size_t used = cbor_encode_array_start(size, to, ROOM);

	for (size_t i = 0; i < size; i++)
		used += cbor_encode_uint(bytes[i], to + used, 16);
	return used;
}

/* A section as spec/eif.md has it, with the members in one order or in the other. */
static size_t write_section(uint8_t *to, const struct signature *from, int order)
{
	size_t used = cbor_encode_array_start(1, to, ROOM);

	used += cbor_encode_map_start(2, to + used, ROOM);
	for (int i = 0; i < 2; i++) {
		int certificate = i == order;

		used += write_text(to + used, certificate ? "signing_certificate" : "signature");
		used += certificate ? write_integers(
					      to + used, from->certificate, from->certificate_size)
				    : write_integers(to + used, from->cose, from->cose_size);
	}
	return used;
}

static void check_decoded(const uint8_t *bytes, size_t size)
{
	int same = 0;

	FUZZ_REQUIRE(decoded.certificate_size > 0 && decoded.cose_size > 0);
	for (int order = 0; order < 2; order++)
		same |= write_section(again, &decoded, order) == size &&
			memcmp(again, bytes, size) == 0;
	FUZZ_REQUIRE(same);
}

/* Halves of the input become certificate and signature. */
static void check_section(const uint8_t *data, size_t size, uint32_t how)
{
	struct fault fault;
	size_t used;
	int bent;

	signature.certificate_size = size / 2;
	signature.cose_size = size - size / 2;
	if (size > 0)
		memcpy(signature.certificate, data, size / 2);
	if (size > 0)
		memcpy(signature.cose, data + size / 2, size - size / 2);
	used = write_section(section, &signature, 0);
	bent = fuzz_bend(section, used, how);
	if (signature_decode(section, used, &decoded, &fault) == 0)
		check_decoded(section, used);
	else
		FUZZ_REQUIRE(bent || size < 2);
}

/* A key of no worth on P-256, and what it once made of the PCR0 below: r and s. */
static const uint8_t key_bytes[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
	0x00, 0x04, 0xa2, 0x91, 0x62, 0xcd, 0x93, 0x3a, 0xe3, 0xad, 0x4c, 0x78, 0x66, 0xa8, 0xb3,
	0x5b, 0xe3, 0x0f, 0x58, 0x27, 0x62, 0x02, 0xff, 0x3a, 0xbb, 0xda, 0xee, 0x34, 0x50, 0xc2,
	0x13, 0xf0, 0x15, 0xe5, 0xf5, 0xc0, 0xcd, 0x91, 0x88, 0x4b, 0x4e, 0xd9, 0xec, 0xdc, 0x8d,
	0x31, 0x23, 0x0c, 0x4b, 0xcb, 0x23, 0x20, 0x5e, 0xf5, 0xb7, 0x10, 0xdc, 0x49, 0x78, 0x4d,
	0xef, 0x1a, 0xba, 0xe3, 0x6b, 0x1a};
static const uint8_t made_by_key[] = {0x54, 0xa0, 0x9e, 0x67, 0xf1, 0x9b, 0x2d, 0x19, 0xc9, 0xeb,
	0xd9, 0xf4, 0x82, 0xa5, 0x8e, 0x97, 0x8f, 0x1f, 0xfc, 0x60, 0x1f, 0x49, 0x73, 0xe6, 0x1d,
	0x11, 0xd1, 0x47, 0xb2, 0xcd, 0x68, 0x2e, 0xfe, 0x12, 0x2e, 0x19, 0x0e, 0xf9, 0x5c, 0x02,
	0x02, 0xe9, 0x6b, 0xf4, 0xff, 0x0a, 0x4e, 0x6a, 0xab, 0xbc, 0x62, 0x38, 0x2a, 0x8a, 0xf7,
	0xd2, 0xf1, 0x71, 0x4d, 0x8d, 0xdb, 0x72, 0xe4, 0x53};

static X509 *certificate_of_key(void)
{
	static X509 *certificate;
	const uint8_t *next = key_bytes;
	EVP_PKEY *key;

	if (certificate != NULL)
		return certificate;
	key = d2i_PUBKEY(NULL, &next, sizeof key_bytes);
	certificate = X509_new();
	FUZZ_REQUIRE(X509_set_pubkey(certificate, key) == 1);
	EVP_PKEY_free(key);
	return certificate;
}

static size_t write_bytes(uint8_t *to, const uint8_t *bytes, size_t size)
{
	size_t head = cbor_encode_bytestring_start(size, to, ROOM);

	memcpy(to + head, bytes, size);
	return head + size;
}

/* The COSE_Sign1 that is good. */
static size_t write_cose(uint8_t *to, const uint8_t pcr0[MEASURE_SIZE])
{
	static const uint8_t protected[] = {0xa1, 0x01, 0x26};
	uint8_t payload[256];
	size_t size = cbor_encode_map_start(2, payload, sizeof payload), used;

	size += write_text(payload + size, "register_index");
	size += cbor_encode_uint(0, payload + size, 16);
	size += write_text(payload + size, "register_value");
	size += write_integers(payload + size, pcr0, MEASURE_SIZE);
	used = cbor_encode_array_start(4, to, ROOM);
	used += write_bytes(to + used, protected, sizeof protected);
	used += cbor_encode_map_start(0, to + used, ROOM);
	used += write_bytes(to + used, payload, size);
	return used + write_bytes(to + used, made_by_key, sizeof made_by_key);
}

/* Either the good one, bent in as many places as the input names, or any bytes. */
static void check_cose(const uint8_t *data, size_t size, int raw)
{
	uint8_t pcr0[MEASURE_SIZE];
	struct fault fault;
	bool good;
	size_t used;

	for (unsigned i = 0; i < MEASURE_SIZE; i++)
		pcr0[i] = (uint8_t)(5 * i);
	used = write_cose(again, pcr0);
	memcpy(signature.cose, again, used);
	signature.cose_size = used;
	if (raw && size > 0)
		memcpy(signature.cose, data, signature.cose_size = size);
	while (!raw && size >= 4)
		(void)fuzz_bend(signature.cose, used, fuzz_seed(&data, &size));
	if (signature_verify(&signature, certificate_of_key(), pcr0, &good, &fault) == 0)
		FUZZ_REQUIRE(good == (signature.cose_size == used &&
					     memcmp(signature.cose, again, used) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size), mode = seed % 4;
	struct fault fault;

	if (size > EIF_SIGNATURE_MAX)
		return 0;
	if (mode == 0)
		check_section(data, size, seed / 4);
	else if (mode > 1)
		check_cose(data, size, mode == 3);
	else if (signature_decode(data, size, &decoded, &fault) == 0)
		check_decoded(data, size);
	return 0;
}
