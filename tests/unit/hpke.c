/* hpke: RFC 9180's own example, and what does not open. */
#include "runtime/crypto/hpke.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fault fault;

static size_t hex(const char *text, uint8_t *bytes)
{
	size_t size = strlen(text) / 2;

	for (size_t i = 0; i < size; i++) {
		unsigned byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	return size;
}

/* A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, number 0. */
static void opens_the_example_of_the_rfc(void **unused)
{
	uint8_t private[32], share[32], info[32], plain[64], sealed[64], opened[64], key[16];
	uint8_t nonce[12], also[8];
	size_t info_size = hex("4f6465206f6e2061204772656369616e2055726e", info);
	size_t plain_size =
		hex("4265617574792069732074727574682c20747275746820626561757479", plain);
	size_t sealed_size = hex("f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96"
				 "d8770ac83d07bea87e13c512a",
		sealed);
	size_t also_size = hex("436f756e742d30", also);
	struct hpke hpke;

	(void)unused;
	hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8", private);
	hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431", share);
	hex("4531685d41d65f03dc48f6b8302c05b0", key);
	hex("56d890e5accaaf011cff4b7d", nonce);
	assert_int_equal(hpke_receiver(&hpke, HPKE_AES_128_GCM, private,
				 (struct hpke_bytes){info, info_size}, share, &fault),
		0);
	assert_memory_equal(hpke.key, key, sizeof key);
	assert_memory_equal(hpke.nonce, nonce, sizeof nonce);
	assert_int_equal(hpke_open(&hpke, (struct hpke_bytes){also, also_size}, sealed, sealed_size,
				 opened, &fault),
		0);
	assert_memory_equal(opened, plain, plain_size);
}

static const uint8_t private[32] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
static uint8_t public[32];
static const struct hpke_bytes info = {"test", 4}, also = {"also", 4};

/* The public half was made of the private one by another program. */
static void a_pair(struct hpke *sender, struct hpke *receiver)
{
	uint8_t share[32];

	hex("9e4195ff946f3253d21233520c23a378919f12d2f064c474fa9cf57942b71214", public);
	assert_int_equal(hpke_sender(sender, HPKE_AES_256_GCM, public, info, share, &fault), 0);
	assert_int_equal(
		hpke_receiver(receiver, HPKE_AES_256_GCM, private, info, share, &fault), 0);
}

static void opens_in_order_and_nothing_else(void **unused)
{
	struct hpke sender, receiver;
	uint8_t sealed[300][21], plain[5];

	(void)unused;
	a_pair(&sender, &receiver);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(
			hpke_seal(&sender, also, (const uint8_t *)"words", 5, sealed[i], &fault),
			0);
	for (size_t i = 0; i < 300; i++) {
		if (i + 1 < 300) { /* the one after it is not the next one */
			assert_int_equal(
				hpke_open(&receiver, also, sealed[i + 1], 21, plain, &fault), -1);
			assert_string_equal(fault.word, "sealed");
		}
		assert_int_equal(hpke_open(&receiver, also, sealed[i], 21, plain, &fault), 0);
		assert_memory_equal(plain, "words", 5);
		assert_int_equal(hpke_open(&receiver, also, sealed[i], 21, plain, &fault), -1);
	}
}

static void no_bit_may_change(void **unused)
{
	struct hpke sender, receiver;
	uint8_t sealed[21], plain[5];

	(void)unused;
	a_pair(&sender, &receiver);
	assert_int_equal(hpke_seal(&sender, also, (const uint8_t *)"words", 5, sealed, &fault), 0);
	for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(hpke_open(&receiver, also, sealed, 21, plain, &fault), -1);
		sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(
		hpke_open(&receiver, (struct hpke_bytes){"else", 4}, sealed, 21, plain, &fault),
		-1);
	for (size_t size = 0; size < 21; size++)
		assert_int_equal(hpke_open(&receiver, also, sealed, size, plain, &fault), -1);
	assert_int_equal(hpke_open(&receiver, also, sealed, 21, plain, &fault), 0);
}

static void a_key_without_a_secret_is_refused(void **unused)
{
	static const uint8_t zero[32];
	struct hpke hpke;
	uint8_t share[32];

	(void)unused;
	assert_int_equal(hpke_sender(&hpke, HPKE_AES_256_GCM, zero, info, share, &fault), -1);
	assert_string_equal(fault.word, "key");
	assert_int_equal(hpke_receiver(&hpke, HPKE_AES_256_GCM, private, info, zero, &fault), -1);
	assert_string_equal(fault.word, "key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_the_example_of_the_rfc),
		cmocka_unit_test(opens_in_order_and_nothing_else),
		cmocka_unit_test(no_bit_may_change),
		cmocka_unit_test(a_key_without_a_secret_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
