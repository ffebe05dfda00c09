/* library_options: the options of libcloister, and documents that it judges without a session. */
#include "runtime/channel/cloister.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define DOCUMENT "tests/data/attestation/document.cbor"

static struct cloister_error error;

static void refused(
	struct cloister_options *options, const char *name, const char *value, const char *word)
{
	assert_int_equal(cloister_set(options, name, value, &error), -1);
	assert_string_equal(error.word, word);
	assert_int_equal(cloister_set(options, name, value, NULL), -1);
}

static void options_are_checked(void **unused)
{
	struct cloister_options *options = cloister_options_new();
	struct cloister *session;

	(void)unused;
	refused(options, "adress", "unix:/s", "usage");
	refused(options, "address", "nonsense", "address");
	refused(options, "timeout", "0", "usage");
	refused(options, "timeout", "86401", "usage");
	refused(options, "timeout", "-1", "usage");
	refused(options, "accept_debug", "yes", "usage");
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_null(session);
	assert_string_equal(error.word, "usage");
	assert_int_equal(cloister_set(options, "address", "unix:/nobody/is/here", &error), 0);
	assert_int_equal(cloister_set(options, "enclave", "web", &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "usage");
	assert_int_equal(cloister_set(options, "enclave", NULL, &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "refused");
	assert_int_equal(cloister_set(options, "policy", "/nobody/is/here", &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "not_found");
	assert_int_equal(cloister_set(options, "accept_debug", "true", &error), 0);
	assert_int_equal(cloister_new(&session, options, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_options_free(options);
	cloister_options_free(NULL);
	cloister_command_free(NULL);
	cloister_close(NULL);
	assert_string_equal(cloister_version(), CLOISTER_VERSION);
}

static void documents_are_judged(void **unused)
{
	static uint8_t bytes[16384];
	struct cloister_options *options = cloister_options_new();
	FILE *file = fopen(DOCUMENT, "rb");
	uint8_t pcr[64];
	size_t size;

	(void)unused;
	assert_non_null(file);
	size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	assert_int_equal(cloister_pcr(bytes, size, 0, pcr), 48);
	assert_int_equal(cloister_pcr(bytes, size, 32, pcr), 0);
	assert_int_equal(cloister_pcr(bytes, size - 1, 0, pcr), 0);
	assert_int_equal(cloister_verify(options, bytes, size, NULL, 0, &error), -1);
	assert_string_equal(error.word, "root");
	assert_int_equal(cloister_verify(options, bytes, size - 1, NULL, 0, &error), -1);
	assert_string_equal(error.word, "malformed");
	assert_int_equal(cloister_verify(options, bytes, size, bytes, 5000, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_options_free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(documents_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
