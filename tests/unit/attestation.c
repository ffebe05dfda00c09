/* attestation: documents of nsmsim that are committed, the real ones of AWS where they are, and
 * what becomes of each when anything in it is changed. The real ones lie in the folder that
 * CLOISTER_VECTORS names, or beside the repository; without them ours stand in. */
#include "runtime/crypto/attestation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/crypto/cbor_write.h"

#define OURS      "tests/data/attestation/"
#define PROCESSES 16u /* that share the flips, at most */

static struct attestation_root aws, development;
static struct attestation attestation;

struct file {
	uint8_t bytes[DOCUMENT_SIZE_MAX];
	size_t size;
};

static bool load(struct file *file, const char *folder, const char *name)
{
	char path[4096];
	FILE *stream;

	(void)snprintf(path, sizeof path, "%s%s", folder, name);
	stream = fopen(path, "rb");
	if (stream == NULL)
		return false;
	file->size = fread(file->bytes, 1, sizeof file->bytes, stream);
	fclose(stream);
	return true;
}

static bool load_real(struct file *file, const char *name)
{
	const char *vectors = getenv("CLOISTER_VECTORS");
	char folder[2048];

	(void)snprintf(folder, sizeof folder, "%s/attestation/",
		vectors != NULL ? vectors : "../shared/vectors");
	if (load(file, folder, name))
		return true;
	printf("# skipped: no %s%s\n", folder, name);
	return false;
}

static int setup(void **unused)
{
	struct fault fault;

	(void)unused;
	if (attestation_root_aws(&aws, &fault) != 0)
		return -1;
	return attestation_root_file(&development, OURS "root.pem", &fault);
}

/* Judged under a root at its own time, moved by so many seconds. */
static const char *judge(const struct file *file, const struct attestation_root *root, int64_t late)
{
	static struct attestation_wish wish;
	struct document document;
	struct fault fault;

	memset(&wish, 0, sizeof wish);
	wish.root = *root;
	if (document_read(&document, file->bytes, file->size, &fault) == 0)
		wish.wish.at = (int64_t)(document.timestamp / 1000) + late;
	assert_int_equal(
		attestation_judge(&attestation, &wish, file->bytes, file->size, &fault), 0);
	return attestation.why.word;
}

/* --- Whole documents -------------------------------------------------------------------------- */

static void ours_are_accepted_under_the_named_root_alone(void **unused)
{
	static struct file file;

	(void)unused;
	assert_true(load(&file, OURS, "document.cbor"));
	assert_string_equal(judge(&file, &development, 0), "accepted");
	assert_int_equal(attestation.document.nonce.size, 4);
	assert_string_equal(judge(&file, &aws, 0), "root");
	assert_string_equal(judge(&file, &development, 2 * 3600), "accepted");
	assert_string_equal(judge(&file, &development, 4 * 3600), "expired");
	assert_string_equal(judge(&file, &development, -7200), "early");
}

static void debug_mode_is_refused(void **unused)
{
	static struct file file;

	(void)unused;
	assert_true(load(&file, OURS, "debug.cbor"));
	assert_string_equal(judge(&file, &development, 0), "debug");
	assert_string_equal(judge(&file, &development, 1000000000), "debug");
}

static void real_ones_are_accepted_at_their_time(void **unused)
{
	static struct file file;
	const int64_t years = INT64_C(100000000);

	(void)unused;
	if (load_real(&file, "nitro.cbor")) {
		assert_string_equal(judge(&file, &aws, 0), "accepted");
		assert_string_equal(judge(&file, &development, 0), "root");
		assert_string_equal(judge(&file, &aws, years), "expired");
	}
	if (load_real(&file, "nitro-indefinite.cbor")) {
		assert_string_equal(judge(&file, &aws, 0), "accepted");
		assert_string_equal(judge(&file, &aws, years), "expired");
	}
}

static void bad_ones_are_refused_each_with_its_reason(void **unused)
{
	static struct file file;

	(void)unused;
	if (load_real(&file, "nitro-debug.cbor"))
		assert_string_equal(judge(&file, &aws, 0), "debug");
	if (load_real(&file, "selfsigned.cbor"))
		assert_string_equal(judge(&file, &aws, 0), "self_signed");
	if (load_real(&file, "qemu.cbor"))
		assert_string_equal(judge(&file, &aws, 0), "unsigned");
}

/* --- Made by hand ----------------------------------------------------------------------------- */

static void put_member(struct cbor_writer *writer, const char *name, const char *text)
{
	cbor_put_text(writer, name);
	if (text == NULL)
		cbor_put_null(writer);
	else
		cbor_put_bytes(writer, text, strlen(text));
}

/* As QEMU makes them, or one that stands for itself. */
static void make(struct file *file, bool has_bundle, uint64_t algorithm)
{
	static const uint8_t zeros[64];
	uint8_t bytes[1024], header[8];
	struct cbor_writer payload = cbor_writer_of(bytes, sizeof bytes);
	struct cbor_writer writer = cbor_writer_of(file->bytes, sizeof file->bytes);
	struct cbor_writer protected = cbor_writer_of(header, sizeof header);

	cbor_put_map(&protected, 1);
	cbor_put_unsigned(&protected, 1);
	cbor_put_negative(&protected, algorithm);
	cbor_put_map(&payload, 7);
	cbor_put_text(&payload, "module_id");
	cbor_put_text(&payload, "i-1");
	cbor_put_text(&payload, "digest");
	cbor_put_text(&payload, "SHA384");
	cbor_put_text(&payload, "timestamp");
	cbor_put_unsigned(&payload, 1000);
	cbor_put_text(&payload, "pcrs");
	cbor_put_map(&payload, 1);
	cbor_put_unsigned(&payload, 0);
	cbor_put_bytes(&payload, "0123456789abcdef0123456789abcdef", 32);
	put_member(&payload, "nonce", NULL);
	cbor_put_text(&payload, "cabundle");
	if (has_bundle) {
		cbor_put_array(&payload, 1);
		cbor_put_bytes(&payload, zeros, sizeof zeros);
		cbor_put_text(&payload, "certificate");
		cbor_put_bytes(&payload, zeros, sizeof zeros);
	} else {
		cbor_put_null(&payload);
		put_member(&payload, "certificate", "anything");
	}
	cbor_put_array(&writer, 4);
	cbor_put_bytes(&writer, header, protected.used);
	if (has_bundle)
		cbor_put_map(&writer, 0);
	else
		cbor_put_null(&writer);
	cbor_put_bytes(&writer, bytes, payload.used);
	cbor_put_bytes(&writer, zeros, sizeof zeros);
	file->size = writer.used;
}

static void who_signs_nothing_or_for_himself_is_refused(void **unused)
{
	static struct file file;

	(void)unused;
	make(&file, true, 0);
	assert_string_equal(judge(&file, &aws, 0), "unsigned");
	make(&file, true, 34);
	assert_string_equal(judge(&file, &aws, 0), "unsigned");
	make(&file, false, 34);
	assert_string_equal(judge(&file, &aws, 0), "self_signed");
	make(&file, false, 6);
	assert_string_equal(judge(&file, &aws, 0), "algorithm");
	file.size--;
	assert_string_equal(judge(&file, &aws, 0), "malformed");
}

/* --- The wish --------------------------------------------------------------------------------- */

static const char *judge_wish(const struct file *file, struct attestation_wish *wish)
{
	struct fault fault;

	assert_int_equal(attestation_judge(&attestation, wish, file->bytes, file->size, &fault), 0);
	return attestation.why.word;
}

static void what_is_wanted_must_be_there(void **unused)
{
	static struct attestation_wish wish;
	static struct file file;
	const struct document_part *pcr = &attestation.document.pcrs[1];

	(void)unused;
	assert_true(load(&file, OURS, "document.cbor"));
	(void)judge(&file, &development, 0);
	wish.root = development;
	wish.wish.at = (int64_t)(attestation.document.timestamp / 1000) + 100;
	wish.wish.wants_nonce = true;
	memcpy(wish.nonce, "abcd", 4);
	wish.nonce_size = 4;
	wish.wish.wants_pcr[1] = true;
	memcpy(wish.pcrs[1], pcr->bytes, pcr->size);
	wish.pcr_sizes[1] = pcr->size;
	wish.wish.has_age = true;
	wish.wish.age = 100;
	assert_string_equal(judge_wish(&file, &wish), "accepted");
	wish.wish.age = 99;
	assert_string_equal(judge_wish(&file, &wish), "stale");
	wish.wish.age = 100;
	wish.nonce_size = 3;
	assert_string_equal(judge_wish(&file, &wish), "nonce");
	wish.nonce_size = 4;
	wish.pcrs[1][47] ^= 1;
	assert_string_equal(judge_wish(&file, &wish), "pcr");
	wish.wish.wants_pcr[1] = false;
	wish.wish.wants_pcr[16] = true; /* which is not locked, and so not in the document */
	assert_string_equal(judge_wish(&file, &wish), "pcr");
	wish.root.der[100] ^= 1;
	assert_string_equal(judge_wish(&file, &wish), "root");
}

/* --- Every bit -------------------------------------------------------------------------------- */

/* Flips are many, and each takes a check of a signature: about a millisecond. */

/* One process's share of the flips. Exits with 0 if each was refused. */
static void flip_share(
	struct file *file, const struct attestation_root *root, unsigned share, unsigned shares)
{
	for (size_t bit = share; bit < 8 * file->size; bit += shares) {
		uint8_t *byte = &file->bytes[bit / 8];
		const uint8_t mask = (uint8_t)(1u << bit % 8);

		*byte ^= mask;
		if (strcmp(judge(file, root, 0), "accepted") == 0) {
			fprintf(stderr, "accepted with bit %zu of byte %zu flipped\n", bit % 8,
				bit / 8);
			_exit(1);
		}
		*byte ^= mask;
	}
	_exit(0);
}

static void flip_all(struct file *file, const struct attestation_root *root)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const unsigned shares = cores < 1 ? 1 : cores > PROCESSES ? PROCESSES : (unsigned)cores;
	pid_t pids[PROCESSES];
	int status;

	assert_string_equal(judge(file, root, 0), "accepted");
	for (unsigned i = 0; i < shares; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			flip_share(file, root, i, shares);
	}
	for (unsigned i = 0; i < shares; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

static void a_document_with_any_bit_flipped_is_refused(void **unused)
{
	static struct file file;

	(void)unused;
	if (load_real(&file, "nitro.cbor"))
		flip_all(&file, &aws);
	if (load_real(&file, "nitro-indefinite.cbor")) {
		flip_all(&file, &aws);
		return;
	}
	assert_true(load(&file, OURS, "document.cbor"));
	flip_all(&file, &development);
}

static void a_document_that_is_cut_or_goes_on_is_refused(void **unused)
{
	static struct file file;
	size_t size;

	(void)unused;
	assert_true(load(&file, OURS, "document.cbor"));
	size = file.size;
	for (file.size = 0; file.size < size; file.size++)
		assert_string_equal(judge(&file, &development, 0), "malformed");
	file.size = size + 1;
	assert_string_equal(judge(&file, &development, 0), "malformed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_are_accepted_under_the_named_root_alone),
		cmocka_unit_test(debug_mode_is_refused),
		cmocka_unit_test(real_ones_are_accepted_at_their_time),
		cmocka_unit_test(bad_ones_are_refused_each_with_its_reason),
		cmocka_unit_test(who_signs_nothing_or_for_himself_is_refused),
		cmocka_unit_test(what_is_wanted_must_be_there),
		cmocka_unit_test(a_document_with_any_bit_flipped_is_refused),
		cmocka_unit_test(a_document_that_is_cut_or_goes_on_is_refused),
	};

	return cmocka_run_group_tests_name("attestation", tests, setup, NULL);
}
