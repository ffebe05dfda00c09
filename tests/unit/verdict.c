/* verdict: a document that is accepted, and the same with one thing wrong at a time: each has its
 * word, and of two the first one's is given. What holds for all of them is proved. */
#include "runtime/crypto/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct verdict_facts facts;
static struct verdict_wish wish;

static struct verdict_certificate authority(int64_t path_length)
{
	return (struct verdict_certificate){.size = 500,
		.is_sound = true,
		.is_issued = true,
		.is_ca = true,
		.may_sign_certificates = true,
		.path_length = path_length,
		.from = 1000,
		.until = 9000};
}

/* Root, two authorities, a signer. */
static void begin(void)
{
	wish = (struct verdict_wish){.at = 5000, .has_age = true, .age = 60, .wants_nonce = true};
	wish.wants_pcr[3] = true;
	facts = (struct verdict_facts){.is_read = true,
		.algorithm = VERDICT_ES384,
		.has_empty_header = true,
		.module_size = 10,
		.is_sha384 = true,
		.timestamp = 4990999,
		.count = 4,
		.is_signed = true,
		.is_anchored = true,
		.has_nonce = true};
	facts.pcr_sizes[0] = 48;
	facts.pcr_sizes[3] = 48;
	facts.has_pcr[3] = true;
	facts.chain[0] = authority(VERDICT_NO_PATH_LENGTH);
	facts.chain[1] = authority(1);
	facts.chain[2] = authority(0);
	facts.chain[3] = authority(VERDICT_NO_PATH_LENGTH);
	facts.chain[3].is_ca = facts.chain[3].may_sign_certificates = false;
	facts.chain[3].may_sign = true;
}

#define EXPECT(WORD) assert_string_equal(verdict_word(verdict_of(&facts, &wish)), WORD)

/* With this one thing wrong. */
#define WRONG(CHANGE, WORD)                                                                        \
	do {                                                                                       \
		begin();                                                                           \
		CHANGE;                                                                            \
		EXPECT(WORD);                                                                      \
	} while (0)

static void each_wrong_has_its_word(void **unused)
{
	(void)unused;
	WRONG((void)0, "accepted");
	WRONG(facts.is_read = false, "malformed");
	WRONG(facts.count = 0, "malformed");
	WRONG(facts.count = VERDICT_CHAIN_MAX + 1, "malformed");
	WRONG(facts.algorithm = VERDICT_NO_SIGNATURE, "unsigned");
	WRONG(facts.has_zero_certificate = true, "unsigned");
	WRONG(facts.algorithm = -7, "algorithm");
	WRONG(facts.count = 1, "self_signed");
	WRONG(facts.is_signed = false, "signature");
	WRONG(facts.is_anchored = false, "root");
	WRONG(facts.is_debug = true, "debug");
	WRONG(wish.at = 4930, "accepted");
	WRONG(facts.chain[2].from = 5001, "early");
	WRONG(facts.chain[1].until = 4999, "expired");
	WRONG(facts.timestamp = 5301000, "future");
	WRONG(facts.timestamp = 4939999, "stale");
	WRONG(facts.has_nonce = false, "nonce");
	WRONG(facts.has_pcr[3] = false, "pcr");
}

static void fields_have_their_sizes(void **unused)
{
	(void)unused;
	WRONG(facts.has_empty_header = false, "fields");
	WRONG(facts.is_sha384 = false, "fields");
	WRONG(facts.timestamp = 0, "fields");
	WRONG(facts.module_size = 0, "fields");
	WRONG(facts.module_size = 257, "fields");
	WRONG(facts.pcr_sizes[0] = 0, "fields");
	WRONG(facts.pcr_sizes[31] = 47, "fields");
	WRONG(facts.pcr_sizes[31] = 32, "accepted");
	WRONG(facts.chain[0].size = 0, "fields");
	WRONG(facts.chain[3].size = 1025, "fields");
	WRONG(facts.public_key.is_there = true, "fields");
	WRONG(facts.nonce.is_there = true, "accepted");
	WRONG((facts.user_data.is_there = true, facts.user_data.size = 1025), "fields");
	WRONG((facts.user_data.is_there = true, facts.user_data.size = 1024), "accepted");
}

static void chains_lead_from_the_root_to_the_signer(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		WRONG(facts.chain[i].is_sound = false, "chain");
		WRONG(facts.chain[i].is_issued = false, "chain");
		WRONG(facts.chain[i].is_ca = i == 3, "chain");
	}
	for (unsigned i = 0; i < 3; i++)
		WRONG(facts.chain[i].may_sign_certificates = false, "chain");
	WRONG(facts.chain[3].may_sign = false, "chain");
	WRONG(facts.chain[3].path_length = 0, "chain");
	WRONG(facts.chain[1].path_length = 0, "chain");
	WRONG(facts.chain[0].path_length = 1, "chain");
	WRONG(facts.chain[0].path_length = 2, "accepted");
}

static void what_is_not_wanted_is_not_looked_at(void **unused)
{
	(void)unused;
	WRONG((wish.wants_nonce = false, facts.has_nonce = false), "accepted");
	WRONG((wish.wants_pcr[3] = false, facts.has_pcr[3] = false), "accepted");
	WRONG((wish.has_age = false, facts.timestamp = 1), "accepted");
}

static void the_first_wrong_is_the_one_that_is_told(void **unused)
{
	(void)unused;
	begin();
	memset(&facts, 0, sizeof facts);
	EXPECT("malformed");
	WRONG((facts.is_debug = true, facts.chain[1].until = 0), "debug");
	WRONG((facts.is_signed = false, facts.is_anchored = false), "signature");
	WRONG((facts.has_nonce = false, facts.has_pcr[3] = false), "nonce");
}

static void all_have_words_of_their_own(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < VERDICTS; i++) {
		assert_true(strlen(verdict_text((enum verdict)i)) > 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(
				verdict_word((enum verdict)i), verdict_word((enum verdict)k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_has_its_word),
		cmocka_unit_test(fields_have_their_sizes),
		cmocka_unit_test(chains_lead_from_the_root_to_the_signer),
		cmocka_unit_test(what_is_not_wanted_is_not_looked_at),
		cmocka_unit_test(the_first_wrong_is_the_one_that_is_told),
		cmocka_unit_test(all_have_words_of_their_own),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
