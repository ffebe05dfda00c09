/* key: pairs of both kinds sign and verify, what is not theirs is bad, and what others hand us as a
 * public key is taken in its one spelling alone. */
#include "runtime/crypto/key.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const enum key_type types[] = {KEY_ED25519, KEY_P256};

#define EACH(TYPE) for (size_t TYPE = 0; TYPE < 2; TYPE++)

/* RFC 8032, 7.1, the third test. */
static const uint8_t rfc_spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
	0x00, 0xfc, 0x51, 0xcd, 0x8e, 0x62, 0x18, 0xa1, 0xa3, 0x8d, 0xa4, 0x7e, 0xd0, 0x02, 0x30,
	0xf0, 0x58, 0x08, 0x16, 0xed, 0x13, 0xba, 0x33, 0x03, 0xac, 0x5d, 0xeb, 0x91, 0x15, 0x48,
	0x90, 0x80, 0x25};
static const uint8_t rfc_message[] = {0xaf, 0x82};
static const uint8_t rfc_signature[] = {0x62, 0x91, 0xd6, 0x57, 0xde, 0xec, 0x24, 0x02, 0x48, 0x27,
	0xe6, 0x9c, 0x3a, 0xbe, 0x01, 0xa3, 0x0c, 0xe5, 0x48, 0xa2, 0x84, 0x74, 0x3a, 0x44, 0x5e,
	0x36, 0x80, 0xd7, 0xdb, 0x5a, 0xc3, 0xac, 0x18, 0xff, 0x9b, 0x53, 0x8d, 0x16, 0xf2, 0x90,
	0xae, 0x67, 0xf7, 0x60, 0x98, 0x4d, 0xc6, 0x59, 0x4a, 0x7c, 0x15, 0xe9, 0x71, 0x6e, 0xd2,
	0x8d, 0xc0, 0x27, 0xbe, 0xce, 0xea, 0x1e, 0xc4, 0x0a};

static struct key *make(enum key_type type)
{
	struct fault fault;
	struct key *key;

	assert_int_equal(key_make(&key, type, &fault), 0);
	assert_int_equal(key_public(key)->type, type);
	return key;
}

static void signs_and_verifies(void **state)
{
	static const uint8_t bytes[300] = {1, 2, 3};
	uint8_t signature[KEY_SIGNATURE_SIZE + 1] = {0};
	struct fault fault;

	(void)state;
	EACH(t)
	{
		struct key *key = make(types[t]), *other = make(types[t]);
		const struct key_public *public = key_public(key);

		assert_int_equal(key_sign(key, bytes, sizeof bytes, signature, &fault), 0);
		assert_true(key_verify(public, bytes, sizeof bytes, signature, 64));
		assert_false(key_verify(public, bytes, sizeof bytes - 1, signature, 64));
		assert_false(key_verify(public, bytes, sizeof bytes, signature, 63));
		assert_false(key_verify(public, bytes, sizeof bytes, signature, 65));
		assert_false(key_verify(key_public(other), bytes, sizeof bytes, signature, 64));
		for (size_t bit = 0; bit < 8u * KEY_SIGNATURE_SIZE; bit++) {
			signature[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			assert_false(key_verify(public, bytes, sizeof bytes, signature, 64));
			signature[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
		(void)memset(signature, 0, sizeof signature);
		assert_false(key_verify(public, bytes, sizeof bytes, signature, 64));
		key_free(other);
		key_free(key);
	}
}

static void verifies_what_the_standard_says(void **state)
{
	struct key_public public;
	struct fault fault;

	(void)state;
	assert_int_equal(key_public_read(&public, rfc_spki, sizeof rfc_spki, &fault), 0);
	assert_true(key_verify(
		&public, rfc_message, sizeof rfc_message, rfc_signature, sizeof rfc_signature));
}

/* Cut, longer, and every bit turned: what is still taken is another point with the same head. */
static void takes_one_spelling(void **state)
{
	struct key_public public;
	struct fault fault;

	(void)state;
	EACH(t)
	{
		struct key *key = make(types[t]);
		size_t size = key_public(key)->size, head = types[t] == KEY_P256 ? 27 : 12;
		uint8_t spki[KEY_SPKI_MAX + 1] = {0};

		(void)memcpy(spki, key_public(key)->spki, size);
		for (size_t cut = 0; cut <= size + 1; cut++)
			assert_int_equal(
				key_public_read(&public, spki, cut, &fault), cut == size ? 0 : -1);
		for (size_t bit = 0; bit < 8 * size; bit++) {
			spki[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			if (key_public_read(&public, spki, size, &fault) == 0) {
				assert_true(types[t] == KEY_ED25519 && bit / 8 >= head);
				assert_false(key_public_same(&public, key_public(key)));
			} else {
				assert_string_equal(fault.word, "key");
			}
			spki[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
		key_free(key);
	}
}

/* Points with which a signature of zeros, or nearly, is good; and numbers above the field. */
static void refuses_points_of_small_order(void **state)
{
	static const uint8_t eight[] = {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c,
		0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
		0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};
	static const uint8_t eighth[] = {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3,
		0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
		0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
	struct key_public public;
	struct fault fault;
	uint8_t spki[sizeof rfc_spki];
	uint8_t *point = spki + 12;

	(void)state;
	(void)memcpy(spki, rfc_spki, sizeof spki);
	for (unsigned i = 0; i < 16; i++) {
		/* 0, 1, p - 1 (order 2), p and p + 1, then the two of order 8; each twice. */
		(void)memset(point, i / 2 >= 2 && i / 2 <= 4 ? 0xff : 0, 32);
		if (i / 2 == 1)
			point[0] = 1;
		if (i / 2 >= 2 && i / 2 <= 4) {
			point[0] = (uint8_t)(0xec + i / 2 - 2);
			point[31] = 0x7f;
		}
		if (i / 2 >= 5)
			(void)memcpy(point, i / 2 == 5 ? eight : eighth, 32);
		if (i % 2 == 1)
			point[31] |= 0x80;
		assert_int_equal(key_public_read(&public, spki, sizeof spki, &fault), -1);
	}
}

/* --- Texts and files -------------------------------------------------------------------------- */

static void base64_has_one_spelling(void **state)
{
	struct key_public public;
	struct fault fault;

	(void)state;
	EACH(t)
	{
		struct key *key = make(types[t]);
		char text[KEY_BASE64_MAX], wrong[KEY_BASE64_MAX + 2];

		key_base64(key_public(key), text);
		assert_int_equal(key_public_base64(&public, text, &fault), 0);
		assert_true(key_public_same(&public, key_public(key)));
		(void)snprintf(wrong, sizeof wrong, " %s", text);
		assert_int_equal(key_public_base64(&public, wrong, &fault), -1);
		(void)snprintf(wrong, sizeof wrong, "%s\n", text);
		assert_int_equal(key_public_base64(&public, wrong, &fault), -1);
		(void)snprintf(wrong, sizeof wrong, "%s", text);
		wrong[strlen(wrong) - 4] = '\0';
		assert_int_equal(key_public_base64(&public, wrong, &fault), -1);
		key_free(key);
	}
	assert_int_equal(key_public_base64(&public, "", &fault), -1);
	assert_int_equal(key_public_base64(&public, "====", &fault), -1);
}

static void files_keep_their_secret(void **state)
{
	char folder[] = "/tmp/key-test-XXXXXX", private[64], public_path[64], uri[80];
	struct key_public public;
	struct stat status;
	struct fault fault;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(private, sizeof private, "%s/k", folder);
	(void)snprintf(public_path, sizeof public_path, "%s/k.pub", folder);
	(void)snprintf(uri, sizeof uri, "file:%s", private);
	EACH(t)
	{
		struct key *key = make(types[t]), *again;

		assert_int_equal(key_write(key, private, false, &fault), 0);
		assert_int_equal(key_write(key, private, false, &fault), -1);
		assert_string_equal(fault.word, "exists");
		assert_int_equal(key_write(key, private, true, &fault), 0);
		assert_int_equal(stat(private, &status), 0);
		assert_int_equal(status.st_mode & 07777u, 0600);
		assert_int_equal(key_open(&again, uri, &fault), 0);
		assert_true(key_public_same(key_public(again), key_public(key)));
		key_free(again);
		assert_int_equal(chmod(private, 0640), 0);
		assert_int_equal(key_open(&again, private, &fault), -1);
		assert_null(again);
		assert_string_equal(fault.word, "permission");
		assert_int_equal(
			key_public_write(key_public(key), "a word", public_path, true, &fault), 0);
		assert_int_equal(key_public_file(&public, public_path, &fault), 0);
		assert_true(key_public_same(&public, key_public(key)));
		assert_int_equal(key_public_file(&public, private, &fault), -1);
		assert_string_equal(fault.word, "key");
		assert_int_equal(unlink(private), 0);
		assert_int_equal(key_open(&again, private, &fault), -1);
		assert_string_equal(fault.word, "input");
		assert_int_equal(key_open(&again, "nonsense:x", &fault), -1);
		assert_string_equal(fault.word, "key");
		key_free(key);
	}
	assert_int_equal(unlink(public_path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_verifies),
		cmocka_unit_test(verifies_what_the_standard_says),
		cmocka_unit_test(takes_one_spelling),
		cmocka_unit_test(refuses_points_of_small_order),
		cmocka_unit_test(base64_has_one_spelling),
		cmocka_unit_test(files_keep_their_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
