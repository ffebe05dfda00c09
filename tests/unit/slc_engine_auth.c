/* slc_engine_auth: the proofs of two ends, back to back, with bytes cut anywhere; and a peer that
 * says too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc_peer.h"

static struct pair pair;
static struct side *const client = &pair.client, *const server = &pair.server;

/* What the owners do: the document is the nonce and a tail, and good if the nonce is ours. */
static uint8_t nonce[SLC_AUTH_NONCE_SIZE];
static size_t tail;
static uint32_t refused; /* the reason of who finds it bad */
static bool is_later;    /* the document is made when the test says so */
static unsigned made, judged, checked;
static bool can_sign;
static uint32_t refused_key;

static void say_document(struct slc *slc)
{
	static uint8_t document[SLC_AUTH_DOCUMENT_MAX + 1];

	memcpy(document, nonce, sizeof nonce);
	slc_document(slc, document, sizeof nonce + tail);
}

static bool make_nonce(struct slc *slc, uint8_t *bytes)
{
	(void)slc;
	memset(nonce, 0xa5, sizeof nonce);
	memcpy(bytes, nonce, sizeof nonce);
	return true;
}

static bool make_no_nonce(struct slc *slc, uint8_t *bytes)
{
	(void)slc;
	(void)bytes;
	return false;
}

static void make(struct slc *slc, const uint8_t *bytes)
{
	made++;
	memcpy(nonce, bytes, sizeof nonce);
	if (!is_later)
		say_document(slc);
}

static void judge(struct slc *slc, const uint8_t *document, size_t size)
{
	judged++;
	assert_int_equal(size, sizeof nonce + tail);
	assert_memory_equal(document, nonce, sizeof nonce);
	slc_judged(slc, refused, refused != 0 ? "it is not to our liking" : NULL);
}

static bool sign(struct slc *slc, struct slc_signed *shown)
{
	(void)slc;
	memcpy(shown->key, "key", shown->key_size = 3);
	memcpy(shown->signature, "signature", shown->signature_size = 9);
	return can_sign;
}

static void check(struct slc *slc, const uint8_t *key, size_t key_size, const uint8_t *signature,
	size_t signature_size)
{
	checked++;
	assert_int_equal(key_size, 3);
	assert_memory_equal(key, "key", 3);
	assert_int_equal(signature_size, 9);
	assert_memory_equal(signature, "signature", 9);
	slc_judged(slc, refused_key, refused_key != 0 ? "we don't know you" : NULL);
}

static struct slc_proofs proofs;

static void setup(uint64_t seed)
{
	pair_setup(&pair, seed);
	proofs = (struct slc_proofs){.nonce = make_nonce, .judge = judge, .make = make};
	proofs.check = check;
	for (unsigned i = 0; i < 2; i++) {
		struct side *side = i == 0 ? client : server;

		side->options.must_prove = true;
		side->options.proofs = &proofs;
	}
	tail = refused = refused_key = made = judged = checked = 0;
	can_sign = true;
	is_later = false;
}

static void both_are_proved_and_then_open(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 20; seed++) {
		setup(seed);
		pair.most = 1 + seed * 37;
		tail = seed * 800;
		pair_open(&pair);
		pair_run(&pair);
		assert_int_equal(client->opened + server->opened, 2);
		assert_int_equal(made + judged, 2);
		pair_close(&pair);
	}
}

static void a_document_may_take_its_time(void **unused)
{
	(void)unused;
	setup(1);
	is_later = true;
	pair_open(&pair);
	pair_run(&pair);
	assert_int_equal(made, 1);
	assert_int_equal(client->opened + server->opened, 0);
	say_document(server->slc);
	pair_run(&pair);
	assert_int_equal(client->opened + server->opened, 2);
	say_document(server->slc); /* once more: nobody asked */
	slc_judged(server->slc, SLC_REASON_AUTH, "too late");
	slc_judged(client->slc, SLC_REASON_AUTH, "too late");
	pair_run(&pair);
	assert_int_equal(client->closed + server->closed, 0);
	pair_close(&pair);
}

static void what_is_not_believed_opens_nothing(void **unused)
{
	(void)unused;
	setup(1);
	refused = SLC_REASON_DOCUMENT;
	pair_open(&pair);
	pair_run(&pair);
	assert_int_equal(client->opened + server->opened, 0);
	pair_closed(&pair, SLC_REASON_DOCUMENT);
	assert_string_equal(client->text, "it is not to our liking");
	assert_string_equal(server->text, "it is not to our liking");
	pair_free(&pair);
}

static void a_document_that_is_too_long_is_none(void **unused)
{
	(void)unused;
	setup(1);
	tail = SLC_AUTH_DOCUMENT_MAX + 1 - sizeof nonce;
	pair_open(&pair);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_LIMIT);
	pair_free(&pair);
	setup(1);
	client->options.frame = client->options.output = 1024;
	tail = 1000;
	pair_open(&pair);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_LIMIT);
	assert_int_equal(judged, 0);
	pair_free(&pair);
}

static void without_a_nonce_nothing_is_asked(void **unused)
{
	(void)unused;
	setup(1);
	proofs.nonce = make_no_nonce;
	pair_open(&pair);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_INTERNAL);
	assert_int_equal(made, 0);
	pair_free(&pair);
}

static void a_document_that_nobody_makes_is_late(void **unused)
{
	(void)unused;
	setup(1);
	is_later = true;
	pair_open(&pair);
	pair_run(&pair);
	pair_wait(&pair, 11 * CLOCK_SECOND);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_TIMEOUT);
	say_document(server->slc); /* into the void */
	pair_free(&pair);
}

static void one_that_wants_proofs_and_one_that_has_none(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		setup(1);
		(i == 0 ? client : server)->options.must_prove = false;
		pair_open(&pair);
		pair_run(&pair);
		assert_int_equal(client->opened + server->opened, 0);
		pair_closed(&pair, SLC_REASON_AUTH_REQUIRED);
		pair_free(&pair);
	}
}

static void open_with_key(bool wants_key)
{
	setup(3);
	pair.most = 50;
	proofs.sign = sign;
	server->options.wants_key = wants_key;
}

static void a_key_that_is_good_enters(void **unused)
{
	(void)unused;
	for (unsigned wants_key = 0; wants_key <= 1; wants_key++) {
		open_with_key(wants_key == 1);
		pair_open(&pair);
		pair_run(&pair);
		assert_int_equal(client->opened + server->opened, 2);
		assert_int_equal(checked, 1);
		pair_close(&pair);
	}
}

static void without_a_good_key_nobody_enters(void **unused)
{
	static const uint32_t reasons[] = {
		SLC_REASON_AUTH, SLC_REASON_AUTH_REQUIRED, SLC_REASON_INTERNAL, SLC_REASON_AUTH};

	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		open_with_key(true);
		refused_key = i == 0 ? SLC_REASON_AUTH : 0;
		if (i == 1)
			proofs.sign = NULL;
		can_sign = i != 2;
		if (i == 3)
			proofs.check = NULL;
		pair_open(&pair);
		pair_run(&pair);
		assert_int_equal(server->opened, 0);
		assert_int_equal(client->opened, 0);
		pair_closed(&pair, reasons[i]);
		pair_free(&pair);
	}
}

static void who_does_not_believe_shows_no_key(void **unused)
{
	(void)unused;
	open_with_key(true);
	refused = SLC_REASON_BINDING;
	pair_open(&pair);
	pair_run(&pair);
	pair_closed(&pair, SLC_REASON_BINDING);
	assert_int_equal(checked, 0);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_proved_and_then_open),
		cmocka_unit_test(a_document_may_take_its_time),
		cmocka_unit_test(what_is_not_believed_opens_nothing),
		cmocka_unit_test(a_document_that_is_too_long_is_none),
		cmocka_unit_test(without_a_nonce_nothing_is_asked),
		cmocka_unit_test(a_document_that_nobody_makes_is_late),
		cmocka_unit_test(a_key_that_is_good_enters),
		cmocka_unit_test(without_a_good_key_nobody_enters),
		cmocka_unit_test(who_does_not_believe_shows_no_key),
		cmocka_unit_test(one_that_wants_proofs_and_one_that_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
