/* notify_text: see notify_text.h. */
#include "services/init/notify_text.h"

#include <stdint.h>
#include <string.h>

#include "gen/notify_text.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(notify_text)

/* A line has ended that says something, or the text of STATUS begins. */
static void take(struct notify_said *said, uint32_t gives)
{
	said->is_ready |= gives == NOTIFY_TEXT_READY;
	said->is_stopping |= gives == NOTIFY_TEXT_STOPPING;
	said->is_alive |= gives == NOTIFY_TEXT_ALIVE;
	said->is_unwell |= gives == NOTIFY_TEXT_UNWELL;
	if (gives == NOTIFY_TEXT_STATUS) {
		memset(said->status, 0, sizeof said->status);
		said->has_status = true;
	}
}

/* What stands for a byte of the datagram: of what is not printable a newline alone is itself. */
static uint8_t shown(char byte)
{
	return (uint8_t)(byte == '\n' || (byte >= ' ' && byte <= '~') ? byte : '?');
}

void notify_text_read(struct notify_said *said, const char *bytes, size_t size)
{
	static const uint8_t end[] = {'\n', '\0'};
	struct notify_text machine;
	size_t kept = 0;

	memset(said, 0, sizeof *said);
	notify_text_init(&machine);
	if (size > NOTIFY_TEXT_MAX)
		return;
	for (size_t at = 0; at < size + sizeof end; at++) {
		uint8_t c = at < size ? shown(bytes[at]) : end[at - size];

		(void)notify_text_drive(&machine, 0, &c, 1);
		take(said, machine.gives);
		if (machine.gives == NOTIFY_TEXT_STATUS)
			kept = 0;
		if (machine.gives == NOTIFY_TEXT_BYTE && kept < sizeof said->status - 1u)
			said->status[kept++] = (char)c;
	}
}
