/* doctor_pool: the CPUs that are set aside for Nitro enclaves. The driver takes whole cores of one
 * NUMA node, never the first core, and takes them offline. */
#include <dirent.h>
#include <string.h>

#include "host/enclave/cpu_list.h"
#include "host/enclave/doctor.h"

#define POOL_PATH "/sys/module/nitro_enclaves/parameters/ne_cpus"
#define CPU_PATH  "/sys/devices/system/cpu/cpu%u"

static const char set_pool[] =
	"set cpu_count in /etc/nitro_enclaves/allocator.yaml, then: systemctl restart "
	"nitro-enclaves-allocator";

static bool read_siblings(const struct doctor *doctor, struct cpu_list *list, unsigned cpu)
{
	char text[4096];

	return doctor_text(
		       doctor, text, sizeof text, CPU_PATH "/topology/thread_siblings_list", cpu) &&
	       cpu_list_read(list, text);
}

/* A core that is only partly in the pool: one that is named by a sibling that is, or whose siblings
 * in use are fewer than the first core's, which is never in a pool. Returns its CPU, or -1. */
static int split_core(const struct doctor *doctor, const struct cpu_list *pool)
{
	struct cpu_list siblings;
	unsigned threads;

	if (!read_siblings(doctor, &siblings, 0))
		return -1;
	threads = cpu_list_count(&siblings);
	for (unsigned cpu = 0; cpu < CPU_LIST_MAX; cpu++) {
		unsigned inside = 0;

		if (!read_siblings(doctor, &siblings, cpu))
			continue;
		for (unsigned i = 0; i < CPU_LIST_MAX; i++)
			inside += cpu_list_has(&siblings, i) && cpu_list_has(pool, i);
		if (inside != 0 && inside != cpu_list_count(&siblings))
			return (int)cpu;
		if (inside == 0 && cpu_list_count(&siblings) < threads)
			return (int)cpu;
	}
	return -1;
}

/* The node that a CPU belongs to; it has a link to it, in use or not. */
static int node_of(const struct doctor *doctor, unsigned cpu)
{
	char path[PATH_MAX];
	struct dirent *entry;
	unsigned long long node;
	int found = -1;
	DIR *folder;

	doctor_path(doctor, path, CPU_PATH, cpu);
	folder = opendir(path);
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, "node", 4) == 0 &&
			doctor_number(entry->d_name + 4, &node) != NULL && node < CPU_LIST_MAX)
			found = (int)node;
	if (folder != NULL)
		(void)closedir(folder);
	return found;
}

/* Returns how many nodes the pool is of; those that are not known count as none. */
static unsigned count_nodes(const struct doctor *doctor, const struct cpu_list *pool)
{
	struct cpu_list nodes = {0};

	for (unsigned cpu = 0; cpu < CPU_LIST_MAX; cpu++) {
		int node = cpu_list_has(pool, cpu) ? node_of(doctor, cpu) : -1;

		if (node >= 0)
			cpu_list_add(&nodes, (unsigned)node);
	}
	return cpu_list_count(&nodes);
}

static void judge_pool(struct doctor *doctor, const struct cpu_list *pool, const char *text)
{
	struct finding *finding;
	int split = split_core(doctor, pool);
	unsigned nodes = count_nodes(doctor, pool);

	if (split >= 0) {
		finding = doctor_find(doctor, "nitro", "cpu-pool", DOCTOR_FAIL,
			"CPU %d's core is only partly in the pool %s", split, text);
		doctor_why(finding,
			"siblings share caches: the driver gives an enclave whole cores only");
		doctor_mend(finding, "%s", set_pool);
	} else if (nodes > 1) {
		finding = doctor_find(doctor, "nitro", "cpu-pool", DOCTOR_FAIL,
			"the pool %s is of %u NUMA nodes", text, nodes);
		doctor_why(finding, "an enclave's CPUs and memory are of one node");
		doctor_mend(finding, "%s", set_pool);
	} else {
		(void)doctor_find(doctor, "nitro", "cpu-pool", DOCTOR_OK,
			"%u CPUs are set aside: %s", cpu_list_count(pool), text);
	}
}

void doctor_check_pool(struct doctor *doctor)
{
	struct finding *finding;
	struct cpu_list pool;
	char text[256];

	if (!doctor_text(doctor, text, sizeof text, POOL_PATH)) {
		finding = doctor_find(doctor, "nitro", "cpu-pool", DOCTOR_FAIL,
			"there is no pool: the module nitro_enclaves is not loaded");
		doctor_why(finding, "an enclave's CPUs are taken from the parent instance");
		doctor_mend(finding, "modprobe nitro_enclaves");
	} else if (*text == '\0') {
		finding = doctor_find(
			doctor, "nitro", "cpu-pool", DOCTOR_FAIL, "the pool has no CPUs");
		doctor_why(finding, "an enclave's CPUs are taken from the parent instance");
		doctor_mend(finding, "%s", set_pool);
	} else if (!cpu_list_read(&pool, text)) {
		finding = doctor_find(doctor, "nitro", "cpu-pool", DOCTOR_WARN,
			"'%.100s' is no list of CPUs", text);
		doctor_why(finding, "it can't be told whether whole cores are set aside");
		doctor_mend(finding, "%s", set_pool);
	} else {
		judge_pool(doctor, &pool, text);
	}
}
