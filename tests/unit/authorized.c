/* authorized: what a file of keys permits, and what is wrong with one, with its place. */
#include "runtime/channel/authorized.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ONE "MCowBQYDK2VwAyEA+NjGDK/WdMQlCVIoFz7PzcG3v2cijuTvyv6Pb9kos50="
#define TWO                                                                                        \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjTcBQefGEajOamX7JrAjQl6h6JMBt9UZQGgHPfBIuwbqdjq/FW2W" \
	"T3ntPtK4FQfSon7Ru/pU2aahjPbFsZGfAw=="

#define HEAD "[[key]]\nname = \"a\"\npublic = \"" ONE "\"\n"

static struct conf conf; /* both are too large for a stack */
static struct authorized authorized;

static void good(const char *text)
{
	struct fault fault = {.text = ""};

	if (authorized_read(&authorized, &conf, "keys", text, strlen(text), &fault) != 0)
		fail_msg("%s", fault.text);
}

static void bad(const char *text, const char *word, const char *said)
{
	struct fault fault = {.text = ""};

	assert_int_equal(
		authorized_read(&authorized, &conf, "keys", text, strlen(text), &fault), -1);
	assert_string_equal(fault.word, word);
	if (strstr(fault.text, said) == NULL)
		fail_msg("'%s' is not in '%s'", said, fault.text);
	assert_int_equal(authorized.count, 0);
}

static const char *decide(const struct authorized_request *request)
{
	return permit_word(authorized_permits(&authorized, &authorized.keys[0], request, 1000));
}

#define ASK(...)     decide(&(struct authorized_request){.type = __VA_ARGS__})
#define COMMAND(...) .arguments = ((const char *const[]){__VA_ARGS__, NULL})
#define PATH(TEXT)   .path = (TEXT), .path_size = strlen(TEXT)

static void commands_are_compared_word_by_word(void **state)
{
	(void)state;
	good(HEAD "verbs = [\"exec\"]\n"
		  "commands = [\"/bin/ls *\", \"/bin/echo 'a b'\", '/bin/true']\n");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/ls")), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/ls", "-l", "x")), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/lsx")), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("ls")), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/echo", "a b")), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/echo", "a", "b")), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/echo")), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/true")), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/true", "")), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("")), "command");
	assert_string_equal(ASK(SLC_EXEC), "command");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/bin/ls"), .user = "root"), "user");
	assert_string_equal(ASK(SLC_GET, PATH("/x")), "verb");
	good(HEAD "verbs = [\"exec\"]\ncommands = [\"*\"]\nusers = [\"nobody\"]\n");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("/any", "thing")), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("*"), .user = "nobody"), "allowed");
	assert_string_equal(ASK(SLC_EXEC, COMMAND("x"), .user = "nobod"), "user");
}

static void paths_are_for_one_direction(void **state)
{
	const struct authorized_key *key = &authorized.keys[0];

	(void)state;
	good(HEAD "verbs = [\"put\", \"get\"]\nread = [\"/data\", \"/etc/hosts\"]\n"
		  "write = [\"/\"]\n");
	assert_string_equal(ASK(SLC_GET, PATH("/data/x")), "allowed");
	assert_string_equal(ASK(SLC_GET, PATH("/data/")), "allowed");
	assert_string_equal(ASK(SLC_GET, PATH("/etc/hosts")), "allowed");
	assert_string_equal(ASK(SLC_GET, PATH("/etc/passwd")), "path");
	assert_string_equal(ASK(SLC_GET, PATH("/data/../etc/passwd")), "path");
	assert_string_equal(ASK(SLC_GET, PATH("data/x")), "path");
	assert_string_equal(ASK(SLC_GET, PATH("///")), "path");
	assert_string_equal(ASK(SLC_GET), "path");
	assert_string_equal(ASK(SLC_PUT, PATH("/etc/passwd")), "allowed");
	assert_string_equal(ASK(SLC_PUT, PATH("in/any/../spelling")), "allowed");
	assert_false(authorized_follows(&authorized, key, SLC_GET));
	assert_true(authorized_follows(&authorized, key, SLC_PUT));
}

static void targets_have_one_spelling(void **state)
{
	(void)state;
	good(HEAD "verbs = [\"forward\"]\nforward = [\"tcp:127.0.0.1:80\", \"unix:/run/x\"]\n");
	assert_string_equal(ASK(SLC_FORWARD, .target = "tcp:127.0.0.1:80"), "allowed");
	assert_string_equal(ASK(SLC_FORWARD, .target = "tcp:127.0.0.1:8"), "target");
	assert_string_equal(ASK(SLC_FORWARD, .target = "unix:/run/x"), "allowed");
	assert_string_equal(ASK(SLC_FORWARD), "target");
	good(HEAD "verbs = [\"forward\"]\nforward = [\"*\"]\n");
	assert_string_equal(ASK(SLC_FORWARD, .target = "tcp:10.0.0.1:1"), "allowed");
	assert_string_equal(ASK(SLC_FORWARD), "target");
}

static void keys_are_found_by_their_bytes(void **state)
{
	const struct authorized_key *key;
	struct key_public public;
	struct fault fault;

	(void)state;
	good(HEAD "verbs = [\"attest\"]\nexpires = \"1970-01-01T00:16:40Z\"\n[[key]]\n"
		  "name = \"b\"\npublic = \"" TWO "\"\nverbs = []\n");
	assert_int_equal(authorized.count, 2);
	assert_int_equal(key_public_base64(&public, TWO, &fault), 0);
	key = authorized_find(&authorized, public.spki, public.size);
	assert_string_equal(key->name, "b");
	assert_null(authorized_find(&authorized, public.spki, public.size - 1));
	assert_null(authorized_find(&authorized, public.spki, 0));
	assert_int_equal(authorized_enters(key, INT64_MAX), PERMIT_ALLOWED);
	assert_int_equal(authorized_enters(&authorized.keys[0], 999), PERMIT_ALLOWED);
	assert_int_equal(authorized_enters(&authorized.keys[0], 1000), PERMIT_EXPIRED);
	assert_int_equal(authorized_enters(NULL, 0), PERMIT_KEY);
	assert_string_equal(ASK(SLC_ATTEST), "expired");
}

static void mistakes_have_a_place(void **state)
{
	(void)state;
	bad("", "missing", "key");
	bad("[[key]]\n", "missing", "name");
	bad("[[key]]\nname = \"a b\"\n", "name", "keys:2:1: name:");
	bad("[[key]]\nname = \"a\"\npublic = \"AAAA\"\n", "key", "keys:3:1: public:");
	bad(HEAD, "missing", "verbs");
	bad(HEAD "verbs = [\"run\"]\n", "range", "keys:4:1: verbs: 'run'");
	bad(HEAD "verbs = [\"get\", \"get\"]\n", "duplicate", "'get' stands twice");
	bad(HEAD "verbs = [\"get\"]\n", "missing", "what is not listed is not permitted");
	bad(HEAD "verbs = []\nread = [\"/\"]\n", "range", "has not the verb 'get'");
	bad(HEAD "verbs = []\nusers = [\"x\"]\n", "range", "has not the verb 'exec'");
	bad(HEAD "verbs = []\nlisten = [\"*\"]\n", "range", "has not the verb 'forward'");
	bad(HEAD "verbs = [\"forward\"]\nlisten = [\"*\"]\n", "missing", "forward");
	bad(HEAD "verbs = [\"get\"]\nread = [\"/a/../b\"]\n", "path", "keys:5:1: read:");
	bad(HEAD "verbs = [\"get\"]\nread = [\"a\"]\n", "path", "read");
	bad(HEAD "verbs = [\"exec\"]\ncommands = [\"\"]\n", "range", "no command");
	bad(HEAD "verbs = [\"exec\"]\ncommands = [\"a 'b\"]\n", "syntax", "quotes");
	bad(HEAD "verbs = [\"exec\"]\ncommands = [\"a ''\"]\n", "range", "no command");
	bad(HEAD "verbs = [\"forward\"]\nforward = [\"tcp:x\"]\n", "range", "forward");
	bad(HEAD "verbs = []\nexpires = \"2027-02-29T00:00:00Z\"\n", "time", "expires");
	bad(HEAD "verbs = []\ncolour = 1\n", "unknown", "keys:5:1:");
	bad("limit = 1\n" HEAD "verbs = []\n", "unknown", "keys:1:1:");
	bad(HEAD "verbs = []\n" HEAD "verbs = []\n", "duplicate", "'a' is another key's");
	bad(HEAD "verbs = []\n[[key]]\nname = \"b\"\npublic = \"" ONE "\"\nverbs = []\n",
		"duplicate", "it is the key 'a'");
}

static void lists_are_bounded(void **state)
{
	char text[16384] = HEAD "verbs = [\"get\"]\nread = [";

	(void)state;
	for (unsigned i = 0; i < AUTHORIZED_ITEMS_MAX; i++)
		(void)strcat(text, "\"/a\", ");
	(void)strcat(text, "]\n");
	good(text);
	text[strlen(text) - 2] = '\0';
	(void)strcat(text, "\"/a\"]\n");
	bad(text, "limit", "more than 32 items");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_compared_word_by_word),
		cmocka_unit_test(paths_are_for_one_direction),
		cmocka_unit_test(targets_have_one_spelling),
		cmocka_unit_test(keys_are_found_by_their_bytes),
		cmocka_unit_test(mistakes_have_a_place),
		cmocka_unit_test(lists_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
