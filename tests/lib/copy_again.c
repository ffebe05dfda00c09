/* copy_again: what a sender says of files that are there already. See copy.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "tests/lib/copy.h"

struct copy_member script_member(const char *name, uint64_t size)
{
	struct copy_member member = {.kind = COPY_FILE,
		.mode = 0640,
		.time = {SCRIPT_SECONDS, SCRIPT_NANOSECONDS},
		.size = size};

	(void)snprintf(member.name, sizeof member.name, "%s", name);
	return member;
}

void script_ask(struct script *script, const char *name, uint64_t size)
{
	const struct copy_member member = script_member(name, size);

	copy_member_ask(&member, &script->writer);
}

void script_stay(struct script *script, const char *name, uint64_t size)
{
	struct copy_member member = script_member(name, size);

	member.stays = true;
	copy_member_put(&member, &script->writer);
}

void script_go_on(struct script *script, const char *name, const char *text, const char *rest,
	const char *whole)
{
	struct copy_member member = script_member(name, strlen(whole));

	member.from = strlen(text);
	SHA256((const uint8_t *)text, strlen(text), member.from_digest);
	copy_member_put(&member, &script->writer);
	if (*rest != '\0')
		field_put_text(&script->writer, SLC_COPY_BYTES, rest);
	script_digest(script, whole);
}
