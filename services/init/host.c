/* host: what is said to the parent instance: the heartbeat, and two lines (spec/ports.md). */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define HEARTBEAT_BYTE    0xb7
#define HEARTBEAT_SECONDS 5u
#define READY_SECONDS     10u
#define FAREWELL_SECONDS  2u

/* --- The heartbeat ---------------------------------------------------------------------------- */

static void beaten(struct message *message, const struct fault *fault)
{
	struct init *init = message->user;

	if (fault != NULL)
		init->fault = *fault;
	boot_answer(init, fault == NULL ? BOOT_DONE : BOOT_FAILED);
}

/* Whether this place has vsock, or something that stands in for it. */
static bool has_vsock(const struct init *init)
{
	int fd;

	if (init->stand_ins != NULL)
		return true;
	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

void step_heartbeat(struct init *init)
{
	static const unsigned char byte = HEARTBEAT_BYTE;

	if (!has_vsock(init)) {
		boot_answer(init, BOOT_ABSENT);
		return;
	}
	observe_start(init);
	init->heartbeat.done = beaten;
	init->heartbeat.user = init;
	if (message_start(&init->heartbeat, init->loop, init->stand_ins, PORT_HEARTBEAT, &byte, 1,
		    HEARTBEAT_BYTE, HEARTBEAT_SECONDS * CLOCK_SECOND, &init->fault) != 0)
		boot_answer(init, BOOT_FAILED);
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void heard_ready(struct message *message, const struct fault *fault)
{
	(void)message;
	if (fault != NULL)
		log_fault(LOG_WARNING, "the host was not told that we are ready", fault);
}

static void heard_farewell(struct message *message, const struct fault *fault)
{
	if (fault != NULL)
		log_fault(LOG_WARNING, "the host did not take the farewell", fault);
	shutdown_happen(message->user, SHUTDOWN_SAID, 0);
}

static int send_line(struct init *init, const char *text, uint64_t seconds,
	void (*done)(struct message *message, const struct fault *fault), struct fault *fault)
{
	if (init->folder != NULL || !has_vsock(init))
		return fault_set(fault, "absent", "there is no host to tell");
	init->line.done = done;
	init->line.user = init;
	return message_start(&init->line, init->loop, init->stand_ins, PORT_READY, text,
		strlen(text), -1, seconds * CLOCK_SECOND, fault);
}

void host_ready(struct init *init, uint32_t units)
{
	struct fault fault = {0};
	char text[MESSAGE_MAX];

	LOG(LOG_INFO, "ready", log_number("units", units));
	(void)snprintf(text, sizeof text, "ready %u\n", units);
	(void)send_line(init, text, READY_SECONDS, heard_ready, &fault);
}

void host_farewell(struct init *init)
{
	static const char *const words[] = {[SHUTDOWN_REBOOT] = "reboot",
		[SHUTDOWN_POWER_OFF] = "poweroff",
		[SHUTDOWN_HALT] = "halt"};
	const char *forced = init->shutdown.forced != 0u ? " forced" : "";
	struct fault fault = {0};
	char text[MESSAGE_MAX];

	LOG(LOG_INFO, "farewell", log_number("status", init->status),
		log_string("how", words[init->shutdown.how]),
		log_boolean("forced", init->shutdown.forced != 0u));
	(void)snprintf(text, sizeof text, "farewell %d %s%s\n", init->status,
		words[init->shutdown.how], forced);
	if (send_line(init, text, FAREWELL_SECONDS, heard_farewell, &fault) != 0)
		shutdown_happen(init, SHUTDOWN_SAID, 0);
}
