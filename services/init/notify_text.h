/* notify_text: what a datagram of sd_notify(3) says. The bytes are a stranger's. */
#ifndef CLOISTER_SERVICES_INIT_NOTIFY_TEXT_H
#define CLOISTER_SERVICES_INIT_NOTIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define NOTIFY_TEXT_MAX   4096u /* bytes of a datagram; a longer one says nothing */
#define NOTIFY_STATUS_MAX 160u  /* bytes that are kept of STATUS, with the NUL */

struct notify_said {
	bool is_ready;                  /* READY=1 */
	bool is_stopping;               /* STOPPING=1 */
	bool is_alive;                  /* WATCHDOG=1 */
	bool is_unwell;                 /* WATCHDOG=trigger */
	bool has_status;                /* STATUS=..., the last one: */
	char status[NOTIFY_STATUS_MAX]; /* printable ASCII; what is not, is a question mark */
};

/* Lines NAME=VALUE with a newline between them; what is not known is passed over. The machine
 * `notify_text` reads them (spec/notify_text.md). */
void notify_text_read(struct notify_said *said, const char *bytes, size_t size);

#endif
