/* cpu_list: sets of CPUs as the kernel writes them: "0,2-5". */
#ifndef CLOISTER_HOST_ENCLAVE_CPU_LIST_H
#define CLOISTER_HOST_ENCLAVE_CPU_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_LIST_MAX 4096u /* CPUs 0 to 4095 */

struct cpu_list {
	uint64_t words[CPU_LIST_MAX / 64u];
};

/* False: it is no list, is an empty one, or has a CPU that is too large or a range that runs
 * backwards; `list` is then of no use. */
bool cpu_list_read(struct cpu_list *list, const char *text);

/* cpu: below CPU_LIST_MAX. */
void cpu_list_add(struct cpu_list *list, unsigned cpu);
bool cpu_list_has(const struct cpu_list *list, unsigned cpu);
unsigned cpu_list_count(const struct cpu_list *list);

#endif
