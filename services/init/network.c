/* network: loopback and the host name; and the clock, without which there is a warning too. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define HOST_NAME_FILE "/etc/hostname"
#define HOST_NAME_MAX_ 64u /* what the kernel takes */

/* The kernel gives loopback its addresses, 127.0.0.1 and ::1, when it comes up. */
static int raise_loopback(struct fault *fault)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), failed = 0;

	if (fd < 0)
		return fault_io(fault, errno, "no IPv4 here");
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
		failed = fault_io(fault, errno, "cannot read the state of loopback");
	} else {
		request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
		if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
			failed = fault_io(fault, errno, "cannot raise loopback");
	}
	(void)close(fd);
	return failed;
}

/* The image's name, where it gives one. */
static void name_host(void)
{
	char name[HOST_NAME_MAX_ + 1u] = "";
	int fd = open(HOST_NAME_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ssize_t size;

	if (fd < 0)
		return;
	size = read(fd, name, HOST_NAME_MAX_);
	(void)close(fd);
	name[size < 0 ? 0 : size] = '\0';
	name[strcspn(name, " \t\r\n")] = '\0';
	if (name[0] != '\0' && sethostname(name, strlen(name)) != 0)
		LOG(LOG_WARNING, "the host name can't be set",
			log_string("fault", strerror(errno)));
}

void step_network(struct init *init)
{
	bool answers = false;

	name_host();
	init->has_loopback = raise_loopback(&init->fault) == 0;
	if (timekeeper_start(init, &answers) != 0)
		boot_answer(init, BOOT_FAILED);
	else if (!answers)
		boot_answer(init, init->has_loopback ? BOOT_DONE : BOOT_FAILED);
}
