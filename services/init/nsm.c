/* nsm: the driver of the Nitro Security Module where it is a file, and the question whether the
 * device answers. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/crypto/nsm.h"
#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define MODULE "/nsm.ko"

static int load_module(struct fault *fault)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC), failed = 0;

	if (fd < 0)
		return fault_io(fault, errno, "cannot open " MODULE);
	if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
		failed = fault_io(fault, errno, "the kernel refuses " MODULE);
	(void)close(fd);
	return failed;
}

/* In a process of its own: the device may take minutes. */
static int ask(const void *data)
{
	static struct nsm nsm;
	struct nsm_description description;
	struct fault fault = {0};

	(void)data;
	if (nsm_open(&nsm, NSM_PATH, &fault) != 0 ||
		nsm_describe(&nsm, &description, &fault) != 0 || entropy_seed(&nsm, &fault) != 0) {
		log_fault(LOG_ERROR, "the NSM does not answer", &fault);
		return 1;
	}
	LOG(LOG_INFO, "the NSM answers", log_string("module", description.module_id),
		log_string("digest", description.digest), log_number("pcrs", description.pcrs));
	return 0;
}

static void asked(struct aside *aside, int code)
{
	struct init *init = aside->user;

	if (code == 0) {
		boot_answer(init, BOOT_DONE);
		return;
	}
	(void)fault_set(&init->fault, "nsm", NSM_PATH " is there and does not answer as an NSM");
	boot_answer(init, BOOT_FAILED);
}

/* A device that is there needs no module, though the image may carry one for another kernel. */
static int find_device(struct init *init, bool *found)
{
	bool has_module = access(MODULE, F_OK) == 0;

	*found = access(NSM_PATH, F_OK) == 0;
	if (!*found && !has_module)
		return 0;
	if (!*found && load_module(&init->fault) != 0)
		return -1;
	if (has_module)
		(void)unlink(MODULE);
	if (!*found && access(NSM_PATH, F_OK) != 0)
		return fault_set(&init->fault, "nsm",
			MODULE " was loaded, and there is no " NSM_PATH " now");
	*found = true;
	return 0;
}

void step_nsm(struct init *init)
{
	bool found;

	if (find_device(init, &found) != 0) {
		boot_answer(init, BOOT_FAILED);
		return;
	}
	if (!found) {
		boot_answer(init, BOOT_ABSENT);
		return;
	}
	init->aside.done = asked;
	init->aside.user = init;
	if (aside_start(&init->aside, init->loop, ask, NULL, &init->fault) != 0)
		boot_answer(init, BOOT_FAILED);
}
