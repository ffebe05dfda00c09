/* timekeeper: the clock of an enclave is set by the NSM's at boot, and looked at every ten minutes:
 * the parent may hold a virtual machine up, and counts for nothing. In a process of its own, since
 * the NSM may take minutes. No signature is checked: the device is what we trust. */
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/crypto/document.h"
#include "runtime/crypto/nsm.h"
#include "runtime/kernel/log.h"
#include "services/init/drift.h"
#include "services/init/init.h"

#define PERIOD   (600u * CLOCK_SECOND)
#define SLEW_MAX 1000 /* seconds that the C library takes at once: what is left is seen next time */

/* What the kernel calls the namespaces that it has made itself (include/linux/proc_ns.h). */
#define FIRST_PROCESSES 0xEFFFFFFCu
#define FIRST_USERS     0xEFFFFFFDu

/* --- In the process --------------------------------------------------------------------------- */

static int64_t microseconds(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What our clock lacks; the NSM says the time in documents alone. */
static int ask_drift(int64_t *drift, struct fault *fault)
{
	static struct nsm nsm;
	static struct document document;
	const struct nsm_wish wish = {0};
	const uint8_t *bytes = NULL;
	size_t size = 0;
	int64_t asked, answered;

	if (nsm_open(&nsm, NSM_PATH, fault) != 0)
		return -1;
	asked = microseconds();
	if (nsm_attest(&nsm, &wish, &bytes, &size, fault) != 0)
		return -1;
	answered = microseconds();
	if (document_read(&document, bytes, size, fault) != 0)
		return -1;
	nsm_close(&nsm);
	if (drift_of(asked, answered, document.timestamp, drift))
		return 0;
	return fault_set(fault, "time", "the NSM says a time that can't be");
}

static int tell(int failed, const char *message, int64_t drift, const struct fault *fault)
{
	if (failed != 0)
		log_fault(LOG_WARNING, "the clock is not the NSM's", fault);
	else if (drift != 0)
		LOG(LOG_INFO, message, log_number("drift_ms", drift / 1000));
	return failed == 0 ? 0 : 1;
}

static int set(const void *data)
{
	struct fault fault = {0};
	struct timespec time;
	int64_t drift = 0, now;
	int failed = ask_drift(&drift, &fault);

	(void)data;
	if (failed == 0 && drift != 0) {
		now = microseconds() + drift;
		time = (struct timespec){.tv_sec = now / 1000000, .tv_nsec = now % 1000000 * 1000};
		if (clock_settime(CLOCK_REALTIME, &time) != 0)
			failed = fault_set(&fault, "denied", "the clock can't be set");
	}
	return tell(failed, "the clock was set to the NSM's", drift, &fault);
}

/* Never set again: units may have begun to count on it. The kernel runs it faster, or slower, by
 * 0.5 ms a second, until the drift is gone or the next look says otherwise. */
static int slew(const void *data)
{
	struct fault fault = {0};
	struct timeval by;
	int64_t drift = 0;
	int failed = ask_drift(&drift, &fault);

	(void)data;
	if (failed == 0 && drift != 0) {
		by = (struct timeval){.tv_sec = drift / 1000000, .tv_usec = drift % 1000000};
		if (by.tv_sec >= SLEW_MAX || by.tv_sec <= -SLEW_MAX)
			by = (struct timeval){.tv_sec = drift > 0 ? SLEW_MAX : -SLEW_MAX};
		if (adjtime(&by, NULL) != 0)
			failed = fault_set(&fault, "denied", "the clock can't be slewed");
	}
	return tell(failed, "the clock drifts from the NSM's, and is slewed", drift, &fault);
}

/* --- In PID 1 --------------------------------------------------------------------------------- */

/* Elsewhere the clock is somebody else's: of a sandbox's host, where nsmsim stands for an NSM. */
static bool is_ours(void)
{
	struct stat device, processes, users;

	return stat(NSM_PATH, &device) == 0 && S_ISCHR(device.st_mode) &&
	       stat("/proc/self/ns/pid", &processes) == 0 && processes.st_ino == FIRST_PROCESSES &&
	       (stat("/proc/self/ns/user", &users) != 0 || users.st_ino == FIRST_USERS);
}

static void was_set(struct aside *aside, int code)
{
	struct init *init = aside->user;

	if (code != 0)
		(void)fault_set(&init->fault, "time", "the clock is not the NSM's");
	boot_answer(init, code == 0 && init->has_loopback ? BOOT_DONE : BOOT_FAILED);
}

static void was_slewed(struct aside *aside, int code)
{
	(void)aside;
	(void)code; /* it has said itself what is wrong */
}

static void look(struct timer *timer)
{
	struct init *init = (struct init *)((char *)timer - offsetof(struct init, clock_timer));
	struct fault fault = {0};

	timer_start(timer, init->loop, PERIOD);
	if (init->clock.pid == 0 && aside_start(&init->clock, init->loop, slew, NULL, &fault) != 0)
		log_fault(LOG_WARNING, "the clock can't be looked at", &fault);
}

int timekeeper_start(struct init *init, bool *answers)
{
	*answers = is_ours();
	if (!*answers)
		return 0;
	init->clock.done = was_slewed;
	init->clock_timer.fired = look;
	timer_start(&init->clock_timer, init->loop, PERIOD);
	init->aside.done = was_set;
	init->aside.user = init;
	return aside_start(&init->aside, init->loop, set, NULL, &init->fault);
}
