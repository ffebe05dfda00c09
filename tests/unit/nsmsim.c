/* nsmsim: the simulated NSM behind a socket, asked by the client: the scenario of AWS's own test of
 * the NSM, the errors, and documents as a verifier sees them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/nsmsim/module.h"
#include "host/nsmsim/root.h"
#include "runtime/crypto/attestation.h"
#include "runtime/crypto/nsm.h"

#define BEGIN INT64_C(1700000000) /* seconds */

static struct {
	char folder[32], root[64], path[64];
	int fd;
	pthread_t thread;
	struct module module;
} sim;
static int64_t milliseconds;
static struct nsm nsm;

static int64_t now(void)
{
	return milliseconds;
}

static void *serve(void *unused)
{
	static uint8_t request[8192], reply[MODULE_REPLY_MAX];
	int fd = accept(sim.fd, NULL, NULL);
	ssize_t got;

	(void)unused;
	while ((got = recv(fd, request, sizeof request, 0)) > 0)
		(void)send(fd, reply, module_answer(&sim.module, request, (size_t)got, reply),
			MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static int setup(void **unused)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct fault fault;
	struct root root;

	(void)unused;
	(void)strcpy(sim.folder, "/tmp/nsmsim-test-XXXXXX");
	assert_non_null(mkdtemp(sim.folder));
	(void)snprintf(sim.root, sizeof sim.root, "%s/root", sim.folder);
	(void)snprintf(sim.path, sizeof sim.path, "%s/nsm", sim.folder);
	(void)strcpy(name.sun_path, sim.path);
	milliseconds = BEGIN * 1000;
	memset(&sim.module, 0, sizeof sim.module);
	sim.module.id = "i-1-enc2";
	sim.module.now = now;
	bank_open(&sim.module.bank);
	memset(sim.module.bank.values[0], 7, NSM_DIGEST_SIZE);
	bank_lock_boot(&sim.module.bank);
	assert_int_equal(root_open(&root, sim.root, &fault), 0);
	assert_int_equal(issuer_open(&sim.module.issuer, &root, sim.module.id, BEGIN, &fault), 0);
	root_close(&root);
	sim.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(sim.fd, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(sim.fd, 1), 0);
	assert_int_equal(pthread_create(&sim.thread, NULL, serve, NULL), 0);
	return nsm_open(&nsm, sim.path, &fault);
}

static int teardown(void **unused)
{
	char command[128];

	(void)unused;
	nsm_close(&nsm);
	pthread_join(sim.thread, NULL);
	close(sim.fd);
	issuer_close(&sim.module.issuer);
	(void)snprintf(command, sizeof command, "rm -rf %s", sim.folder);
	return system(command);
}

static bool is_zero(const struct nsm_pcr *pcr)
{
	for (size_t i = 0; i < pcr->size; i++)
		if (pcr->value[i] != 0)
			return false;
	return true;
}

/* --- AWS's scenario --------------------------------------------------------------------------- */

static void check_document(size_t size_of_parts, unsigned parts)
{
	static uint8_t bytes[1024];
	struct nsm_wish wish = {.user_data_size = size_of_parts < 512 ? size_of_parts : 512,
		.nonce_size = size_of_parts < 512 ? size_of_parts : 512,
		.public_key_size = size_of_parts};
	const uint8_t *document;
	struct document read;
	struct fault fault;
	size_t size;

	memset(bytes, 128, sizeof bytes);
	wish.user_data = parts > 0 ? bytes : NULL;
	wish.nonce = parts > 1 ? bytes : NULL;
	wish.public_key = parts > 2 ? bytes : NULL;
	assert_int_equal(nsm_attest(&nsm, &wish, &document, &size, &fault), 0);
	assert_int_equal(document_read(&read, document, size, &fault), 0);
	assert_int_equal(read.user_data.bytes != NULL, parts > 0);
	assert_int_equal(read.nonce.bytes != NULL, parts > 1);
	assert_int_equal(read.public_key.bytes != NULL, parts > 2);
}

static void extend_and_lock(uint32_t index)
{
	uint8_t before[NSM_PCR_MAX] = {0};
	struct nsm_pcr pcr;
	struct fault fault;

	for (int i = 0; i < 10; i++) {
		assert_int_equal(nsm_extend_pcr(&nsm, index, "\x01\x02\x03", 3, &pcr, &fault), 0);
		assert_int_equal(pcr.size, NSM_DIGEST_SIZE);
		assert_false(is_zero(&pcr));
		assert_memory_not_equal(pcr.value, before, pcr.size);
		memcpy(before, pcr.value, pcr.size);
	}
	assert_int_equal(nsm_lock_pcr(&nsm, index, &fault), 0);
	assert_int_equal(nsm_lock_pcr(&nsm, index, &fault), -1);
	assert_string_equal(fault.word, "ReadOnlyIndex");
}

static void the_scenario_of_aws(void **unused)
{
	struct nsm_description description;
	uint8_t randoms[16][256];
	struct nsm_pcr pcr;
	struct fault fault;

	(void)unused;
	assert_int_equal(nsm_describe(&nsm, &description, &fault), 0);
	assert_int_equal(description.pcrs, NSM_PCRS);
	assert_string_equal(description.digest, "SHA384");
	assert_string_equal(description.module_id, "i-1-enc2");
	check_document(0, 0);
	for (uint32_t i = 0; i < NSM_PCRS; i++) {
		assert_int_equal(nsm_describe_pcr(&nsm, i, &pcr, &fault), 0);
		assert_int_equal(pcr.size, NSM_DIGEST_SIZE);
		assert_int_equal(pcr.is_locked, i < 16);
		assert_int_equal(description.locked[i], i < 16);
	}
	for (uint32_t i = 0; i < 16; i++) {
		assert_int_equal(nsm_lock_pcr(&nsm, i, &fault), -1);
		assert_string_equal(fault.word, "ReadOnlyIndex");
	}
	for (uint32_t i = 16; i < NSM_PCRS; i++)
		extend_and_lock(i);
	assert_int_equal(nsm_lock_pcrs(&nsm, NSM_PCRS, &fault), 0);
	assert_int_equal(nsm_lock_pcrs(&nsm, NSM_PCRS + 1, &fault), -1);
	assert_string_equal(fault.word, "InvalidIndex");
	for (uint32_t i = 0; i < NSM_PCRS; i++) {
		assert_int_equal(nsm_extend_pcr(&nsm, i, "x", 1, &pcr, &fault), -1);
		assert_string_equal(fault.word, "ReadOnlyIndex");
		for (int k = 0; k < 10; k++) {
			assert_int_equal(nsm_describe_pcr(&nsm, i, &pcr, &fault), 0);
			assert_true(pcr.is_locked);
		}
	}
	for (unsigned parts = 0; parts <= 3; parts++)
		check_document(1024, parts);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(nsm_random(&nsm, randoms[i], sizeof randoms[i], &fault), 0);
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(randoms[i], randoms[k], sizeof randoms[i]);
	}
}

/* --- Errors ----------------------------------------------------------------------------------- */

static void expect_error(const void *request, size_t size, const char *word)
{
	struct nsm_reply reply;
	struct fault fault;
	ssize_t got;

	assert_int_equal(send(nsm.fd, request, size, 0), (ssize_t)size);
	got = recv(nsm.fd, nsm.reply, sizeof nsm.reply, 0);
	assert_true(got > 0);
	assert_int_equal(
		nsm_reply_read(NSM_GET_RANDOM, nsm.reply, (size_t)got, &reply, &fault), -1);
	assert_string_equal(fault.word, word);
}

static void errors_are_those_of_the_nsm(void **unused)
{
	static const char index[] = "\xa1\x6b"
				    "DescribePCR\xa1\x65index\x18\x20";
	static const char twice[] = "\xa1\x67LockPCR\xa2\x65index\x10\x65index\x11";
	static const char text[] = "\xa1\x67LockPCR\xa1\x65index\x61x";
	static const uint8_t large[4097];
	uint8_t nonce[1100] = "\xa1\x6b"
			      "Attestation\xa1\x65nonce\x59\x04\x01";

	(void)unused;
	expect_error(large, sizeof large, "InputTooLarge");
	expect_error(large, 4096, "InvalidOperation");
	expect_error("\x63wha", 4, "InvalidOperation");
	expect_error("\x67LockPCR", 8, "InvalidOperation");
	expect_error("\xa1\x67LockPCR\xa0", 10, "InvalidOperation");
	expect_error("\xa1\x67LockPCR\xa1\x65index\x18\x10", 18, "InvalidOperation");
	expect_error(twice, sizeof twice - 1, "InvalidOperation");
	expect_error(text, sizeof text - 1, "InvalidOperation");
	expect_error(index, sizeof index - 1, "InvalidIndex");
	expect_error(nonce, 13 + 1 + 6 + 3 + 1025, "InvalidArgument");
}

/* --- Documents -------------------------------------------------------------------------------- */

static struct attestation attestation;

static const char *judge(const struct nsm_wish *wish, int64_t at)
{
	static struct attestation_wish wanted;
	const uint8_t *document;
	struct fault fault;
	char path[128];
	size_t size;

	memset(&wanted, 0, sizeof wanted);
	(void)snprintf(path, sizeof path, "%s/root.pem", sim.root);
	assert_int_equal(attestation_root_file(&wanted.root, path, &fault), 0);
	wanted.wish.at = at;
	assert_int_equal(nsm_attest(&nsm, wish, &document, &size, &fault), 0);
	assert_int_equal(attestation_judge(&attestation, &wanted, document, size, &fault), 0);
	return attestation.why.word;
}

static void documents_list_locked_registers_alone(void **unused)
{
	const struct nsm_wish wish = {.nonce = (const uint8_t *)"n", .nonce_size = 1};
	struct nsm_pcr pcr;
	struct fault fault;

	(void)unused;
	/* The root was made now, and the module's clock is long ago. */
	assert_string_equal(judge(&wish, BEGIN), "early");
	assert_non_null(attestation.document.pcrs[15].bytes);
	assert_int_equal(nsm_extend_pcr(&nsm, 16, "x", 1, &pcr, &fault), 0);
	(void)judge(&wish, BEGIN);
	assert_null(attestation.document.pcrs[16].bytes);
	assert_int_equal(nsm_lock_pcr(&nsm, 16, &fault), 0);
	(void)judge(&wish, BEGIN);
	assert_true(document_part_is(&attestation.document.pcrs[16], pcr.value, pcr.size));
	assert_null(attestation.document.pcrs[17].bytes);
	assert_int_equal(attestation.document.payload.bytes[0], 0xbf);
	assert_false(attestation.document.is_tagged);
}

static void the_signer_is_renewed_before_it_ends(void **unused)
{
	const struct nsm_wish wish = {.nonce = NULL};
	int64_t until;

	(void)unused;
	(void)judge(&wish, BEGIN);
	until = attestation.facts.chain[2].until;
	assert_int_equal(until, BEGIN + 3 * 3600);
	milliseconds = (BEGIN + 3600) * 1000;
	(void)judge(&wish, BEGIN);
	assert_int_equal(attestation.facts.chain[2].until, until);
	milliseconds = (BEGIN + 7200) * 1000;
	(void)judge(&wish, BEGIN);
	assert_int_equal(attestation.facts.chain[2].until, BEGIN + 5 * 3600);
}

/* --- The root --------------------------------------------------------------------------------- */

static void the_root_is_kept_and_its_key_is_its_owners(void **unused)
{
	char path[128];
	struct root first, second;
	struct fault fault;

	(void)unused;
	assert_int_equal(root_open(&first, sim.root, &fault), 0);
	assert_int_equal(root_open(&second, sim.root, &fault), 0);
	assert_int_equal(X509_cmp(first.certificate, second.certificate), 0);
	root_close(&first);
	root_close(&second);
	(void)snprintf(path, sizeof path, "%s/root.key", sim.root);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(root_open(&first, sim.root, &fault), -1);
	assert_string_equal(fault.word, "root");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(root_open(&first, sim.root, &fault), 0);
	root_close(&first);
}

#define SIMULATED(TEST) cmocka_unit_test_setup_teardown(TEST, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATED(the_scenario_of_aws),
		SIMULATED(errors_are_those_of_the_nsm),
		SIMULATED(documents_list_locked_registers_alone),
		SIMULATED(the_signer_is_renewed_before_it_ends),
		SIMULATED(the_root_is_kept_and_its_key_is_its_owners),
	};

	return cmocka_run_group_tests_name("nsmsim", tests, NULL, NULL);
}
