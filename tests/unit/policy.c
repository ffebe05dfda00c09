/* policy: a document of nsmsim that is committed, under policies that know its image, or another
 * one, or several; and what is wrong with a policy, with its place. */
#include "runtime/channel/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OURS "tests/data/attestation/"

static struct conf conf; /* too large for a stack, and so are these */
static struct policy policy;
static struct attestation attestation;
static struct attestation_wish wish;
static uint8_t bytes[DOCUMENT_SIZE_MAX];
static size_t size;

/* One value of the document's, in hexadecimal digits, and one that is not its. */
static char mine[2 * POLICY_PCR_SIZE + 1], other[2 * POLICY_PCR_SIZE + 1];

static int setup(void **unused)
{
	FILE *file = fopen(OURS "document.cbor", "rb");
	struct document document;
	struct fault fault;

	(void)unused;
	if (file == NULL)
		return -1;
	size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	if (document_read(&document, bytes, size, &fault) != 0)
		return -1;
	for (size_t i = 0; i < POLICY_PCR_SIZE; i++) {
		(void)snprintf(mine + 2 * i, 3, "%02x", document.pcrs[0].bytes[i]);
		(void)snprintf(other + 2 * i, 3, "%02x", 0xa5u);
	}
	wish.wish.at = (int64_t)(document.timestamp / 1000) + 60;
	return 0;
}

static void good(const char *text)
{
	struct fault fault = {.text = ""};

	if (policy_read(&policy, &conf, OURS "policy", text, strlen(text), &fault) != 0)
		fail_msg("%s", fault.text);
}

static void bad(const char *text, const char *word, const char *said)
{
	struct fault fault = {.text = ""};

	assert_int_equal(policy_read(&policy, &conf, "policy", text, strlen(text), &fault), -1);
	assert_string_equal(fault.word, word);
	if (strstr(fault.text, said) == NULL)
		fail_msg("'%s' is not in '%s'", said, fault.text);
}

/* The verdict's word; `image` is the name of the image found, or "". */
static const char *judge(const char *image)
{
	struct attestation_wish wanted = wish;
	const struct policy_image *found = NULL;
	struct fault fault = {.text = ""};

	if (policy_wish(&policy, &wanted, &fault) != 0 ||
		policy_judge(&attestation, &policy, &wanted, bytes, size, &found, &fault) != 0)
		fail_msg("%s", fault.text);
	assert_string_equal(found == NULL ? "" : found->name, image);
	return attestation.why.word;
}

static char text[4096];

#define WRITE(...) (void)snprintf(text, sizeof text, __VA_ARGS__)
#define IMAGE      "[[image]]\nname = \"%s\"\npcr0 = \"%s\"\n"

static void one_image_of_several_is_enough(void **state)
{
	(void)state;
	WRITE("root = \"root.pem\"\n" IMAGE, "a", mine);
	good(text);
	assert_string_equal(judge("a"), "accepted");
	WRITE("root = \"root.pem\"\n" IMAGE IMAGE, "old", other, "new", mine);
	good(text);
	assert_string_equal(judge("new"), "accepted");
	WRITE("root = \"root.pem\"\n" IMAGE, "b", other);
	good(text);
	assert_string_equal(judge(""), "pcr");
	WRITE("root = \"root.pem\"\n" IMAGE "pcr2 = \"%s\"\n", "a", mine, other);
	good(text);
	assert_string_equal(judge(""), "pcr");
	WRITE("root = \"root.pem\"\n" IMAGE "pcr15 = \"%s\"\n", "a", mine, other);
	good(text);
	assert_string_equal(judge(""), "pcr");
}

static void root_and_age_are_the_policys(void **state)
{
	(void)state;
	WRITE(IMAGE, "a", mine);
	good(text);
	assert_string_equal(judge(""), "root");
	WRITE("max_age = 60\nroot = \"root.pem\"\n" IMAGE, "a", mine);
	good(text);
	assert_string_equal(judge("a"), "accepted");
	WRITE("max_age = 59\nroot = \"root.pem\"\n" IMAGE, "a", mine);
	good(text);
	assert_string_equal(judge(""), "stale");
}

/* What is wanted besides is wanted of every image. */
static void a_wish_stays(void **state)
{
	(void)state;
	WRITE("root = \"root.pem\"\n" IMAGE, "a", mine);
	good(text);
	wish.wish.wants_nonce = true;
	wish.nonce_size = 3;
	assert_string_equal(judge(""), "nonce");
	wish.wish.wants_nonce = false;
	wish.wish.wants_pcr[0] = true;
	wish.pcr_sizes[0] = POLICY_PCR_SIZE;
	assert_string_equal(judge(""), "pcr");
	wish.wish.wants_pcr[0] = false;
}

static void mistakes_have_a_place(void **state)
{
	(void)state;
	bad("", "missing", "image");
	bad("[[image]]\n", "missing", "name");
	bad("[[image]]\nname = \"a\"\n", "missing", "pcr0");
	bad("[[image]]\nname = \"\"\npcr0 = \"\"\n", "name", "policy:2:1:");
	bad("[[image]]\nname = \"a\"\npcr0 = \"00\"\n", "range", "policy:3:1: pcr0:");
	WRITE(IMAGE "pcr16 = \"%s\"\n", "a", mine, mine);
	bad(text, "unknown", "policy:4:1:");
	WRITE(IMAGE IMAGE, "a", mine, "a", other);
	bad(text, "duplicate", "'a' is another image's");
	WRITE("max_age = -1\n" IMAGE, "a", mine);
	bad(text, "range", "max_age");
	WRITE("[[image]]\nname = \"a\"\npcr0 = \"%096d\"\n", 0);
	bad(text, "range", "debug mode");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_image_of_several_is_enough),
		cmocka_unit_test(root_and_age_are_the_policys),
		cmocka_unit_test(a_wish_stays),
		cmocka_unit_test(mistakes_have_a_place),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
