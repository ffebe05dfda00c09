/* nsm: the client, against a socket that answers what a test puts into its mouth. */
#include "runtime/crypto/nsm.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/crypto/cbor_write.h"

/* One connection, one request, one reply; an empty reply closes. */
struct mouth {
	char folder[32], path[200];
	int fd;
	const uint8_t *reply;
	size_t reply_size, request_size;
	uint8_t request[8192];
	pthread_t thread;
};

static struct nsm nsm;
static struct mouth mouth;

static void *answer(void *unused)
{
	int fd = accept(mouth.fd, NULL, NULL);
	ssize_t got = recv(fd, mouth.request, sizeof mouth.request, 0);

	(void)unused;
	mouth.request_size = got > 0 ? (size_t)got : 0;
	if (mouth.reply_size > 0)
		(void)send(fd, mouth.reply, mouth.reply_size, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static int setup(void **unused)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	(void)unused;
	(void)strcpy(mouth.folder, "/tmp/nsm-test-XXXXXX");
	assert_non_null(mkdtemp(mouth.folder));
	(void)snprintf(mouth.path, sizeof mouth.path, "%s/nsm", mouth.folder);
	(void)strcpy(name.sun_path, mouth.path);
	mouth.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(mouth.fd, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(mouth.fd, 1), 0);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	close(mouth.fd);
	unlink(mouth.path);
	rmdir(mouth.folder);
	return 0;
}

static void expect(const void *reply, size_t size)
{
	struct fault fault;

	mouth.reply = reply;
	mouth.reply_size = size;
	assert_int_equal(pthread_create(&mouth.thread, NULL, answer, NULL), 0);
	assert_int_equal(nsm_open(&nsm, mouth.path, &fault), 0);
}

static void heard(const void *request, size_t size)
{
	nsm_close(&nsm);
	pthread_join(mouth.thread, NULL);
	assert_int_equal(mouth.request_size, size);
	assert_memory_equal(mouth.request, request, size);
}

/* --- Requests as AWS's library writes them ---------------------------------------------------- */

static void requests_have_the_known_bytes(void **unused)
{
	static const char lock_reply[] = "\x67LockPCR", locks_reply[] = "\x68LockPCRs";
	static const char pcr_reply[] = "\xa1\x6b"
					"DescribePCR\xa2\x64lock\xf5\x64"
					"data\x43"
					"abc";
	static const char extend_reply[] = "\xa1\x69"
					   "ExtendPCR\xa1\x64"
					   "data\x43"
					   "xyz";
	static const char extend[] = "\xa1\x69"
				     "ExtendPCR\xa2\x65index\x10\x64"
				     "data\x43\x01\x02\x03";
	struct nsm_pcr pcr;
	struct fault fault;

	(void)unused;
	expect(lock_reply, sizeof lock_reply - 1);
	assert_int_equal(nsm_lock_pcr(&nsm, 16, &fault), 0);
	heard("\xa1\x67LockPCR\xa1\x65index\x10", 17);
	expect(locks_reply, sizeof locks_reply - 1);
	assert_int_equal(nsm_lock_pcrs(&nsm, 16, &fault), 0);
	heard("\xa1\x68LockPCRs\xa1\x65range\x10", 18);
	expect(pcr_reply, sizeof pcr_reply - 1);
	assert_int_equal(nsm_describe_pcr(&nsm, 0, &pcr, &fault), 0);
	heard("\xa1\x6b"
	      "DescribePCR\xa1\x65index\x00",
		21);
	assert_true(pcr.is_locked);
	assert_int_equal(pcr.size, 3);
	assert_memory_equal(pcr.value, "abc", 3);
	expect(extend_reply, sizeof extend_reply - 1);
	assert_int_equal(nsm_extend_pcr(&nsm, 16, "\x01\x02\x03", 3, &pcr, &fault), 0);
	heard(extend, sizeof extend - 1);
	assert_false(pcr.is_locked);
	assert_memory_equal(pcr.value, "xyz", 3);
}

static void a_document_is_asked_for_with_what_is_wished(void **unused)
{
	static const char reply[] = "\xa1\x6b"
				    "Attestation\xa1\x68"
				    "document\x42\x84\x40";
	static const char nothing[] =
		"\xa1\x6b"
		"Attestation\xa3\x69user_data\xf6\x65nonce\xf6\x6apublic_key\xf6";
	static const char all[] = "\xa1\x6b"
				  "Attestation\xa3\x69user_data\x41"
				  "u\x65nonce\x40"
				  "\x6apublic_key\x42"
				  "kk";
	const uint8_t *document;
	struct fault fault;
	size_t size;

	(void)unused;
	expect(reply, sizeof reply - 1);
	assert_int_equal(nsm_attest(&nsm, &(struct nsm_wish){0}, &document, &size, &fault), 0);
	assert_int_equal(size, 2);
	assert_memory_equal(document, "\x84\x40", 2);
	heard(nothing, sizeof nothing - 1);
	expect(reply, sizeof reply - 1);
	assert_int_equal(nsm_attest(&nsm,
				 &(struct nsm_wish){.user_data = (const uint8_t *)"u",
					 .user_data_size = 1,
					 .nonce = (const uint8_t *)"",
					 .public_key = (const uint8_t *)"kk",
					 .public_key_size = 2},
				 &document, &size, &fault),
		0);
	heard(all, sizeof all - 1);
}

static void no_more_is_wished_than_documents_take(void **unused)
{
	static const uint8_t bytes[NSM_PUBLIC_KEY_MAX + 1];
	const struct nsm_wish wishes[] = {
		{.user_data = bytes, .user_data_size = NSM_USER_DATA_MAX + 1},
		{.nonce = bytes, .nonce_size = NSM_NONCE_MAX + 1},
		{.public_key = bytes, .public_key_size = NSM_PUBLIC_KEY_MAX + 1},
	};
	const uint8_t *document;
	struct fault fault;
	size_t size;

	(void)unused;
	expect("", 0);
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		assert_int_equal(nsm_attest(&nsm, &wishes[i], &document, &size, &fault), -1);
		assert_string_equal(fault.word, "InvalidArgument");
	}
	heard("", 0);
}

/* --- Replies ---------------------------------------------------------------------------------- */

static size_t describe(uint8_t *bytes, size_t size, bool open, unsigned most)
{
	struct cbor_writer writer = cbor_writer_of(bytes, size);

	cbor_put_map(&writer, 1);
	cbor_put_text(&writer, "DescribeNSM");
	if (open)
		cbor_put_open_map(&writer);
	else
		cbor_put_map(&writer, 8);
	cbor_put_text(&writer, "digest");
	cbor_put_text(&writer, "SHA384");
	cbor_put_text(&writer, "later");
	cbor_put_map(&writer, 1);
	cbor_put_text(&writer, "unknown");
	cbor_put_null(&writer);
	cbor_put_text(&writer, "max_pcrs");
	cbor_put_unsigned(&writer, most);
	cbor_put_text(&writer, "module_id");
	cbor_put_text(&writer, "i-1-enc2");
	cbor_put_text(&writer, "locked_pcrs");
	cbor_put_array(&writer, 2);
	cbor_put_unsigned(&writer, 0);
	cbor_put_unsigned(&writer, 31);
	cbor_put_text(&writer, "version_patch");
	cbor_put_unsigned(&writer, 300);
	cbor_put_text(&writer, "version_minor");
	cbor_put_unsigned(&writer, 24);
	cbor_put_text(&writer, "version_major");
	cbor_put_unsigned(&writer, 1);
	if (open)
		cbor_put_break(&writer);
	return writer.used;
}

static void a_description_is_read_by_its_keys(void **unused)
{
	struct nsm_description description;
	struct fault fault;
	uint8_t reply[256];

	(void)unused;
	for (int open = 0; open < 2; open++) {
		expect(reply, describe(reply, sizeof reply, open != 0, 32));
		assert_int_equal(nsm_describe(&nsm, &description, &fault), 0);
		heard("\x6b"
		      "DescribeNSM",
			12);
		assert_int_equal(description.major, 1);
		assert_int_equal(description.minor, 24);
		assert_int_equal(description.patch, 300);
		assert_int_equal(description.pcrs, 32);
		assert_string_equal(description.module_id, "i-1-enc2");
		assert_string_equal(description.digest, "SHA384");
		assert_true(description.locked[0] && description.locked[31]);
		assert_false(description.locked[1]);
	}
}

static void refusals_have_the_words_of_the_nsm(void **unused)
{
	static const char *const words[] = {"InvalidArgument", "InvalidIndex", "InvalidResponse",
		"ReadOnlyIndex", "InvalidOperation", "BufferTooSmall", "InputTooLarge",
		"InternalError"};
	struct nsm_reply reply;
	struct fault fault;
	uint8_t bytes[64];

	(void)unused;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct cbor_writer writer = cbor_writer_of(bytes, sizeof bytes);

		cbor_put_map(&writer, 1);
		cbor_put_text(&writer, "Error");
		cbor_put_text(&writer, words[i]);
		assert_int_equal(
			nsm_reply_read(NSM_LOCK_PCR, bytes, writer.used, &reply, &fault), -1);
		assert_string_equal(fault.word, words[i]);
	}
}

static void what_makes_no_sense_is_an_invalid_response(void **unused)
{
	static const struct {
		enum nsm_operation operation;
		const char *bytes;
		size_t size;
	} cases[] = {
		{NSM_LOCK_PCR, "", 0},
		{NSM_LOCK_PCR, "\x68LockPCRs", 9},
		{NSM_LOCK_PCR, "\x67LockPCR\x00", 9},
		{NSM_LOCK_PCR, "\xa1\x67LockPCR\xa0", 10},
		{NSM_DESCRIBE_PCR,
			"\x6b"
			"DescribePCR",
			12},
		{NSM_DESCRIBE_PCR,
			"\xa1\x6b"
			"DescribePCR\xa1\x64lock\xf5",
			20},
		{NSM_DESCRIBE_PCR,
			"\xa1\x6b"
			"DescribePCR\xa2\x64lock\x01\x64"
			"data\x41"
			"a",
			27},
		{NSM_EXTEND_PCR,
			"\xa1\x69"
			"ExtendPCR\xa1\x64"
			"data\x40",
			18},
		{NSM_EXTEND_PCR,
			"\xa1\x69"
			"ExtendPCR\xa2\x64"
			"data\x41"
			"a\x64"
			"data\x41"
			"a",
			26},
		{NSM_EXTEND_PCR,
			"\xa1\x65"
			"Error\x64what",
			12},
	};
	struct nsm_reply reply;
	struct fault fault;

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(nsm_reply_read(cases[i].operation, cases[i].bytes, cases[i].size,
					 &reply, &fault),
			-1);
		assert_string_equal(fault.word, "InvalidResponse");
	}
}

static void a_connection_that_is_closed_is_given_up(void **unused)
{
	struct nsm_pcr pcr;
	struct fault fault;

	(void)unused;
	expect("", 0);
	assert_int_equal(nsm_describe_pcr(&nsm, 0, &pcr, &fault), -1);
	assert_string_equal(fault.word, "closed");
	assert_int_equal(nsm.fd, -1);
	assert_int_equal(nsm_describe_pcr(&nsm, 0, &pcr, &fault), -1);
	assert_string_equal(fault.word, "closed");
	pthread_join(mouth.thread, NULL);
}

static void a_reply_that_is_too_long_is_refused(void **unused)
{
	static const uint8_t reply[NSM_REPLY_MAX + 1];
	struct nsm_pcr pcr;
	struct fault fault;

	(void)unused;
	expect(reply, sizeof reply);
	assert_int_equal(nsm_describe_pcr(&nsm, 0, &pcr, &fault), -1);
	assert_string_equal(fault.word, "InvalidResponse");
	pthread_join(mouth.thread, NULL);
}

static void what_is_no_nsm_is_not_opened(void **unused)
{
	struct fault fault;

	(void)unused;
	assert_int_equal(nsm_open(&nsm, "/proc/nonexistent/nsm", &fault), -1);
	assert_string_equal(fault.word, "not_found");
	assert_int_equal(nsm_open(&nsm, "/tmp", &fault), -1);
	assert_string_equal(fault.word, "not_found");
	close(mouth.fd);
	assert_int_equal(nsm_open(&nsm, mouth.path, &fault), -1);
	assert_string_equal(fault.word, "not_found");
	mouth.fd = open("/dev/null", 0);
	assert_int_equal(nsm_open(&nsm, "/dev/null", &fault), 0);
	assert_int_equal(nsm_lock_pcr(&nsm, 0, &fault), -1);
	assert_string_equal(fault.word, "io");
	nsm_close(&nsm);
	nsm_close(&nsm);
}

#define WITH_MOUTH(TEST) cmocka_unit_test_setup_teardown(TEST, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MOUTH(requests_have_the_known_bytes),
		WITH_MOUTH(a_document_is_asked_for_with_what_is_wished),
		WITH_MOUTH(no_more_is_wished_than_documents_take),
		WITH_MOUTH(a_description_is_read_by_its_keys),
		WITH_MOUTH(a_connection_that_is_closed_is_given_up),
		WITH_MOUTH(a_reply_that_is_too_long_is_refused),
		WITH_MOUTH(what_is_no_nsm_is_not_opened),
		cmocka_unit_test(refusals_have_the_words_of_the_nsm),
		cmocka_unit_test(what_makes_no_sense_is_an_invalid_response),
	};

	return cmocka_run_group_tests_name("nsm", tests, NULL, NULL);
}
