/* cpu_list: see cpu_list.h. */
#include "host/enclave/cpu_list.h"

#include <string.h>

void cpu_list_add(struct cpu_list *list, unsigned cpu)
{
	list->words[cpu / 64u] |= UINT64_C(1) << cpu % 64u;
}

bool cpu_list_has(const struct cpu_list *list, unsigned cpu)
{
	return (list->words[cpu / 64u] >> cpu % 64u & 1u) != 0;
}

unsigned cpu_list_count(const struct cpu_list *list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CPU_LIST_MAX / 64u; i++)
		count += (unsigned)__builtin_popcountll(list->words[i]);
	return count;
}

/* Reads digits, one at least. Returns what is behind them, or null. */
static const char *read_cpu(const char *text, unsigned *cpu)
{
	const char *at = text;

	for (*cpu = 0; *at >= '0' && *at <= '9'; at++) {
		*cpu = 10u * *cpu + (unsigned)(*at - '0');
		if (*cpu >= CPU_LIST_MAX)
			return NULL;
	}
	return at > text ? at : NULL;
}

bool cpu_list_read(struct cpu_list *list, const char *text)
{
	unsigned first, last;

	memset(list, 0, sizeof *list);
	for (;;) {
		text = read_cpu(text, &first);
		last = first;
		if (text != NULL && *text == '-')
			text = read_cpu(text + 1, &last);
		if (text == NULL || last < first)
			return false;
		while (first <= last)
			cpu_list_add(list, first++);
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}
