/* doctor_parent: what a parent instance has for Nitro enclaves: the driver's device, hugepages of
 * one NUMA node, the allocator's configuration and what came of it, nitro-cli. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nitro_enclaves.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/enclave/doctor.h"
#include "host/enclave/nitro_cli.h"

#define ALLOCATOR  "/etc/nitro_enclaves/allocator.yaml"
#define WANTS      "/etc/systemd/system/multi-user.target.wants/nitro-enclaves-allocator.service"
#define NODES_PATH "/sys/devices/system/node"
#define NODES_MAX  16u /* that are looked at */

static const char restart[] = "systemctl enable --now nitro-enclaves-allocator";

/* --- The device ------------------------------------------------------------------------------- */

static void no_device(struct doctor *doctor, int error)
{
	struct finding *finding = doctor_find(doctor, "nitro", "device", DOCTOR_FAIL,
		"/dev/nitro_enclaves can't be opened: %s", strerror(error));
	char vendor[64];

	if (error == EACCES || error == EPERM) {
		doctor_why(finding, "nitro-cli needs it to make an enclave");
		doctor_mend(finding, "usermod -aG ne $USER, and log in again");
		return;
	}
	(void)doctor_text(doctor, vendor, sizeof vendor, "/sys/devices/virtual/dmi/id/sys_vendor");
	if (strcmp(vendor, "Amazon EC2") == 0) {
		doctor_why(finding, "the driver is not loaded, or the instance was started "
				    "without the enclave option");
		doctor_mend(finding, "modprobe nitro_enclaves; if that fails: aws ec2 "
				     "run-instances --enclave-options Enabled=true");
	} else {
		doctor_why(finding, "this is no EC2 instance");
		doctor_mend(finding, "use an EC2 instance with enclaves enabled, or the backend "
				     "sandbox or qemu here");
	}
}

/* By use: a slot is taken, and given back by closing it. */
static void check_device(struct doctor *doctor)
{
	struct finding *finding;
	char path[PATH_MAX], version[64];
	uint64_t slot = 0;
	int device, enclave, error;

	doctor_path(doctor, path, "/dev/nitro_enclaves");
	device = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (device < 0) {
		no_device(doctor, errno);
		return;
	}
	enclave = ioctl(device, NE_CREATE_VM, &slot);
	error = errno;
	close(device);
	(void)doctor_text(doctor, version, sizeof version, "/sys/module/nitro_enclaves/version");
	if (enclave >= 0) {
		close(enclave);
		(void)doctor_find(doctor, "nitro", "device", DOCTOR_OK,
			"the driver%s%s gives out slots for enclaves", *version ? " " : "",
			version);
		return;
	}
	finding = doctor_find(doctor, "nitro", "device", DOCTOR_FAIL,
		"/dev/nitro_enclaves gives no slot for an enclave: %s",
		error == NE_ERR_NO_CPUS_AVAIL_IN_POOL ? "its pool has no free CPUs"
						      : strerror(error));
	doctor_why(finding, "a node in /dev is no driver, and a driver may have nothing to give");
	doctor_mend(finding, error == NE_ERR_NO_CPUS_AVAIL_IN_POOL
				     ? "systemctl restart nitro-enclaves-allocator, or terminate "
				       "an enclave that runs"
				     : "modprobe -r nitro_enclaves; modprobe nitro_enclaves");
}

/* --- Hugepages -------------------------------------------------------------------------------- */

struct pages {
	unsigned long long total, free; /* MiB */
};

static unsigned long long number_of(
	const struct doctor *doctor, const char *folder, const char *size, const char *name)
{
	unsigned long long number = 0;
	char text[64];

	if (!doctor_text(doctor, text, sizeof text, "%s/%s/%s", folder, size, name) ||
		doctor_number(text, &number) == NULL)
		return 0;
	return number;
}

/* Adds up pages of all sizes in a folder with hugepages-NkB. */
static struct pages count_pages(const struct doctor *doctor, const char *folder)
{
	static const char prefix[] = "hugepages-";
	struct pages pages = {0};
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *stream;

	doctor_path(doctor, path, "%s", folder);
	stream = opendir(path);
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		unsigned long long kib = 0;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
			doctor_number(entry->d_name + strlen(prefix), &kib) == NULL)
			continue;
		pages.total +=
			number_of(doctor, folder, entry->d_name, "nr_hugepages") * kib / 1024;
		pages.free +=
			number_of(doctor, folder, entry->d_name, "free_hugepages") * kib / 1024;
	}
	if (stream != NULL)
		(void)closedir(stream);
	return pages;
}

static struct finding *judge_pages(struct doctor *doctor, unsigned node, const struct pages *pages)
{
	bool enough = pages->free >= doctor->memory;
	struct finding *finding =
		doctor_find(doctor, "nitro", "hugepages", enough ? DOCTOR_OK : DOCTOR_FAIL,
			"node %u: %llu MiB in hugepages, %llu MiB of them free", node, pages->total,
			pages->free);

	if (enough)
		return finding;
	doctor_why(finding, "an enclave of %u MiB (--memory) takes free hugepages of one node",
		doctor->memory);
	doctor_mend(finding,
		"set memory_mib to %u or more in " ALLOCATOR
		", then: systemctl restart nitro-enclaves-allocator",
		doctor->memory);
	return finding;
}

/* An enclave's memory is of one node. So one that has enough is enough. */
static void check_pages(struct doctor *doctor)
{
	struct finding *findings[NODES_MAX];
	char folder[PATH_MAX], path[PATH_MAX];
	unsigned nodes = 0, good = 0;

	for (unsigned node = 0; node < NODES_MAX; node++) {
		struct pages pages;

		(void)snprintf(folder, sizeof folder, NODES_PATH "/node%u/hugepages", node);
		doctor_path(doctor, path, "%s", folder);
		if (access(path, F_OK) < 0)
			continue;
		pages = count_pages(doctor, folder);
		findings[nodes] = judge_pages(doctor, node, &pages);
		good += findings[nodes++]->level == DOCTOR_OK;
	}
	if (nodes == 0) {
		struct pages pages = count_pages(doctor, "/sys/kernel/mm/hugepages");

		(void)judge_pages(doctor, 0, &pages);
	}
	for (unsigned i = 0; good > 0 && i < nodes; i++)
		if (findings[i]->level == DOCTOR_FAIL)
			findings[i]->level = DOCTOR_WARN;
}

/* --- The allocator ---------------------------------------------------------------------------- */

/* The number behind `key:` at the beginning of a line; 0: there is none. */
static unsigned long long setting(const char *text, const char *key)
{
	size_t size = strlen(key);

	for (const char *line = text; line != NULL;
		line = strchr(line, '\n'), line += line != NULL) {
		unsigned long long value = 0;

		if (strncmp(line, key, size) == 0 && line[size] == ':' &&
			doctor_number(line + size + 1, &value) != NULL)
			return value;
	}
	return 0;
}

static void judge_allocator(struct doctor *doctor, const char *text)
{
	unsigned long long memory = setting(text, "memory_mib");
	struct pages pages = count_pages(doctor, "/sys/kernel/mm/hugepages");
	struct finding *finding;
	char path[PATH_MAX];

	doctor_path(doctor, path, WANTS);
	if (memory == 0) {
		finding = doctor_find(
			doctor, "nitro", "allocator", DOCTOR_WARN, ALLOCATOR " has no memory_mib");
		doctor_why(finding, "the allocator reserves nothing without it");
		doctor_mend(finding, "echo 'memory_mib: %u' >>" ALLOCATOR, doctor->memory);
	} else if (pages.total < memory) {
		finding = doctor_find(doctor, "nitro", "allocator", DOCTOR_WARN,
			ALLOCATOR " asks for %llu MiB, and %llu MiB are reserved", memory,
			pages.total);
		doctor_why(finding, "the allocator has not run since, or memory was in pieces");
		doctor_mend(finding, "systemctl restart nitro-enclaves-allocator; if that fails, "
				     "reboot");
	} else if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		finding = doctor_find(doctor, "nitro", "allocator", DOCTOR_WARN,
			"%llu MiB are reserved, but the allocator is not enabled", memory);
		doctor_why(finding, "after a boot nothing is reserved");
		doctor_mend(finding, "%s", restart);
	} else {
		(void)doctor_find(doctor, "nitro", "allocator", DOCTOR_OK,
			"%llu MiB are asked for and reserved, now and after a boot", memory);
	}
}

static void check_allocator(struct doctor *doctor)
{
	struct finding *finding;
	char text[8192];

	if (doctor_text(doctor, text, sizeof text, ALLOCATOR)) {
		judge_allocator(doctor, text);
		return;
	}
	finding = doctor_find(doctor, "nitro", "allocator", DOCTOR_WARN,
		"the allocator's configuration can't be read: %s", strerror(errno));
	doctor_why(finding, "it sets memory and CPUs aside when the parent instance boots");
	doctor_mend(finding, "dnf install -y aws-nitro-enclaves-cli; %s", restart);
}

static void check_program(struct doctor *doctor)
{
	struct finding *finding;
	char program[PATH_MAX];
	struct fault fault;

	if (nitro_cli_find(program, &fault) == 0) {
		(void)doctor_find(doctor, "nitro", "nitro-cli", DOCTOR_OK, "%.250s", program);
		return;
	}
	finding = doctor_find(doctor, "nitro", "nitro-cli", DOCTOR_FAIL, "%.300s", fault.text);
	doctor_why(finding, "it is what talks to the driver");
	doctor_mend(finding, "dnf install -y aws-nitro-enclaves-cli");
}

void doctor_check_parent(struct doctor *doctor)
{
	check_program(doctor);
	check_device(doctor);
	check_pages(doctor);
	check_allocator(doctor);
}
