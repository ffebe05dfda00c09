/* notify_text: the examples of its page, every byte in every state, and what datagrams say. */
#include "gen/notify_text.h"
#include "tests/lib/machine.h"

#include <string.h>

#include "notify_text_examples.h"

WALK_BYTES(notify_text, notify_text_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&notify_text_walk);
}

/* What a datagram says: a letter for each line that is known, the text of STATUS in brackets. */
static const char *said_by(const char *datagram)
{
	static const char letters[] = " RSAU[";
	static char said[256];
	struct notify_text m;
	size_t used = 0, size = strlen(datagram);

	notify_text_init(&m);
	for (size_t at = 0; at < size + 2u; at++) {
		uint8_t c = (uint8_t)(at == size ? '\n' : datagram[at < size ? at : size]);
		int was_text = m.cs == NOTIFY_TEXT_IN_TEXT;

		assert_false(notify_text_ended(&m));
		notify_text_step(&m, c);
		if (m.gives == NOTIFY_TEXT_BYTE)
			said[used++] = (char)c;
		else if (was_text)
			said[used++] = ']';
		else if (m.gives != NOTIFY_TEXT_NOTHING)
			said[used++] = letters[m.gives];
	}
	assert_true(notify_text_ended(&m));
	said[used] = '\0';
	return said;
}

static void datagrams_say_what_they_say(void **unused)
{
	static const struct {
		const char *datagram, *said;
	} all[] = {
		{"", ""},
		{"\n\n", ""},
		{"READY=1", "R"},
		{"READY=1\n", "R"},
		{"READY=1\nREADY=1", "RR"},
		{"STOPPING=1\nWATCHDOG=1\nWATCHDOG=trigger\nREADY=1", "SAUR"},
		{"STATUS=", "[]"},
		{"STATUS=a b\nSTATUS=c", "[a b][c]"},
		{"STATUS=READY=1\nREADY=1", "[READY=1]R"},
		{"MAINPID=7\nX\nREADY=1\nBARRIER=1", "R"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		assert_string_equal(said_by(all[i].datagram), all[i].said);
}

static void what_is_no_whole_line_says_nothing(void **unused)
{
	static const char *const whole[] = {
		"READY=1", "STOPPING=1", "WATCHDOG=1", "WATCHDOG=trigger", "STATUS="};
	char part[32];

	(void)unused;
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
		size_t size = strlen(whole[i]);

		for (size_t cut = 0; cut < size; cut++) {
			memcpy(part, whole[i], size + 1u);
			part[cut] = '\0';
			assert_string_equal(said_by(part), "");
			memcpy(part, whole[i], size + 1u);
			part[cut] ^= ' '; /* the other case, or no letter */
			assert_string_equal(said_by(part), "");
		}
		part[0] = ' ';
		memcpy(part + 1, whole[i], size + 1u);
		assert_string_equal(said_by(part), "");
		if (whole[i][size - 1] == '=')
			continue;
		memcpy(part, whole[i], size);
		memcpy(part + size, "0", 2);
		assert_string_equal(said_by(part), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOTIFY_TEXT_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(datagrams_say_what_they_say),
		cmocka_unit_test(what_is_no_whole_line_says_nothing),
	};

	return cmocka_run_group_tests_name("notify_text", tests, NULL, NULL);
}
