/* kernel_line: what a kernel's console says of its end, however its bytes come. */
#include "host/enclave/kernel_line.h"

#include <string.h>

#include "tests/lib/machine.h"

static enum kernel_word feed(struct kernel_line *line, const char *text)
{
	enum kernel_word word;

	assert_int_equal(kernel_line_feed(line, text, strlen(text), &word), strlen(text));
	return word;
}

static void words_stand_at_the_begin_of_a_line(void **unused)
{
	struct kernel_line line = {0};

	(void)unused;
	assert_int_equal(feed(&line, "reboot: machine restart\r\n"), KERNEL_LEAVES);
	assert_int_equal(feed(&line, "[    9.000001] reboot: Power down\n"), KERNEL_LEAVES);
	assert_int_equal(feed(&line, "[    0.1] Kernel panic - not syncing: VFS\n"), KERNEL_PANICS);
	assert_int_equal(feed(&line, "[    0.1] Kernel panics\n"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "no reboot: here\n"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "[ unended reboot: x\n"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "\n[\n"), KERNEL_SAYS_NOTHING);
}

static void a_line_may_come_in_pieces_and_counts_when_it_has_ended(void **unused)
{
	struct kernel_line line = {0};

	(void)unused;
	assert_int_equal(feed(&line, "[    9.0] reb"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "oot: machine restart"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "\n"), KERNEL_LEAVES);
	assert_int_equal(feed(&line, "\n"), KERNEL_SAYS_NOTHING);
}

static void what_follows_a_word_is_left(void **unused)
{
	static const char text[] = "a\nreboot: x\nKernel panic - not syncing\nrest";
	struct kernel_line line = {0};
	enum kernel_word word;
	size_t taken = kernel_line_feed(&line, text, sizeof text - 1, &word);

	(void)unused;
	assert_int_equal(word, KERNEL_LEAVES);
	assert_string_equal(text + taken, "Kernel panic - not syncing\nrest");
}

static void a_line_of_any_length_is_bounded(void **unused)
{
	struct kernel_line line = {0};

	(void)unused;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(feed(&line, "[12345678 reboot: "), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "\n"), KERNEL_SAYS_NOTHING);
	assert_int_equal(feed(&line, "reboot: \n"), KERNEL_LEAVES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_at_the_begin_of_a_line),
		cmocka_unit_test(a_line_may_come_in_pieces_and_counts_when_it_has_ended),
		cmocka_unit_test(what_follows_a_word_is_left),
		cmocka_unit_test(a_line_of_any_length_is_bounded),
	};

	return cmocka_run_group_tests_name("kernel_line", tests, NULL, NULL);
}
