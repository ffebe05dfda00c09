/* copy_receive and holes: those that are right become zeros that need no place; a sender that makes
 * more of them than may be is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "runtime/channel/copy_hole.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

#define DATA "data"
#define SIZE (2u * COPY_HOLE_MAX + sizeof DATA - 1)

static struct script script;
static struct copy_receive_options options;
static int folder;

static int begin(void **state)
{
	(void)state;
	folder = tree_new();
	options = receive_into(folder, "");
	script_begin(&script);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tree_remove(folder);
	return 0;
}

static void put_hole(uint32_t size)
{
	field_put_number(&script.writer, SLC_COPY_HOLE, size);
}

static void holes_are_zeros(void **state)
{
	static uint8_t bytes[SIZE];
	uint8_t digest[COPY_DIGEST_SIZE];
	struct stat status;
	size_t size;
	char *text;

	(void)state;
	memcpy(bytes + COPY_HOLE_MAX, DATA, sizeof DATA - 1);
	SHA256(bytes, sizeof bytes, digest);
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	put_hole(COPY_HOLE_MAX);
	field_put_text(&script.writer, SLC_COPY_BYTES, DATA);
	put_hole(1);
	put_hole(COPY_HOLE_MAX - 1);
	field_put(&script.writer, SLC_COPY_DIGEST, digest, sizeof digest);
	assert_received(&options, &script);
	text = tree_read(folder, "a", &size);
	assert_int_equal(size, sizeof bytes);
	assert_memory_equal(text, bytes, size);
	free(text);
	assert_int_equal(fstatat(folder, "a", &status, 0), 0);
	assert_true(status.st_blocks * 512 <= status.st_size);
	options.bytes = sizeof bytes - 1;
	assert_refused(&options, &script, SLC_REASON_LIMIT);
}

static void assert_bad(const void *value, size_t size)
{
	script_begin(&script);
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	field_put(&script.writer, SLC_COPY_HOLE, value, size);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
}

static void others_are_refused(void **state)
{
	(void)state;
	assert_bad("\0\0\0\0", 4);
	assert_bad("\0\x10\0\x01", 4);
	assert_bad("\xff\xff\xff\xff", 4);
	assert_bad("\0\0\1", 3);
	assert_bad("\0\0\0\0\1", 5);
	assert_bad("", 0);
	script_begin(&script);
	put_hole(1);
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
	script_begin(&script);
	script_name(&script, "a");
	put_hole(1);
	assert_refused(&options, &script, SLC_REASON_REQUEST);
	script_begin(&script);
	script_folder(&script, "a");
	put_hole(1);
	assert_refused(&options, &script, SLC_REASON_PROTOCOL);
}

static void a_digest_covers_them(void **state)
{
	(void)state;
	script_describe(&script, "a", COPY_FILE, 0640, NULL);
	put_hole(1);
	script_digest(&script, "");
	assert_refused(&options, &script, SLC_REASON_DIGEST);
	assert_int_equal(faccessat(folder, "a", F_OK, 0), -1);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(holes_are_zeros),
		TEST(others_are_refused),
		TEST(a_digest_covers_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
