/* doctor_machine: what every backend needs: a kernel that is new enough, and memory. */
#include <string.h>

#include "host/enclave/doctor.h"

/* epoll_pwait2, which the event loop stands on. */
#define KERNEL_MAJOR 5u
#define KERNEL_MINOR 11u

/* "6.1.0-13": the first two numbers. */
static bool read_release(const char *text, unsigned long long *major, unsigned long long *minor)
{
	text = doctor_number(text, major);
	return text != NULL && *text == '.' && doctor_number(text + 1, minor) != NULL;
}

static void check_kernel(struct doctor *doctor)
{
	unsigned long long major = 0, minor = 0;
	struct finding *finding;
	char release[128];

	if (!doctor_text(doctor, release, sizeof release, "/proc/sys/kernel/osrelease") ||
		!read_release(release, &major, &minor)) {
		finding = doctor_find(doctor, "all", "kernel", DOCTOR_WARN,
			"the kernel does not tell its version");
		doctor_why(finding, "%u.%u or newer is needed", KERNEL_MAJOR, KERNEL_MINOR);
		doctor_mend(finding, "mount -t proc proc /proc");
		return;
	}
	if (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR)) {
		(void)doctor_find(doctor, "all", "kernel", DOCTOR_OK, "Linux %s", release);
		return;
	}
	finding = doctor_find(doctor, "all", "kernel", DOCTOR_FAIL, "Linux %s", release);
	doctor_why(finding, "the launcher needs a system call of Linux %u.%u", KERNEL_MAJOR,
		KERNEL_MINOR);
	doctor_mend(finding, "install a newer kernel, and reboot");
}

static void check_memory(struct doctor *doctor)
{
	unsigned long long kib = 0;
	struct finding *finding;
	const char *line;
	char text[4096];

	(void)doctor_text(doctor, text, sizeof text, "/proc/meminfo");
	line = strstr(text, "MemAvailable:");
	if (line == NULL || doctor_number(line + strlen("MemAvailable:"), &kib) == NULL) {
		finding = doctor_find(doctor, "sandbox", "memory", DOCTOR_WARN,
			"/proc/meminfo does not tell how much memory is available");
		doctor_why(finding, "an enclave is to have %u MiB", doctor->memory);
		doctor_mend(finding, "mount -t proc proc /proc");
		return;
	}
	for (const char *const *backend = (const char *const[]){"sandbox", "qemu", NULL};
		*backend != NULL; backend++) {
		bool enough = kib / 1024 >= doctor->memory;

		finding = doctor_find(doctor, *backend, "memory", enough ? DOCTOR_OK : DOCTOR_FAIL,
			"%llu MiB are available", kib / 1024);
		if (enough)
			continue;
		doctor_why(finding, "an enclave is to have %u MiB (--memory)", doctor->memory);
		doctor_mend(finding,
			"end what uses memory, or use an instance that has more; hugepages for "
			"Nitro are not available to others");
	}
}

void doctor_check_machine(struct doctor *doctor)
{
	check_kernel(doctor);
	check_memory(doctor);
}
