/* counters: see counters.h. */
#include "runtime/kernel/counters.h"

#include <inttypes.h>

#include "runtime/kernel/machine.h"

static _Atomic(struct counter *) counters;

/* Puts a counter on the list when it is first touched. Nothing is ever taken off it, so that it can
 * be walked while it grows. */
static void know(struct counter *counter)
{
	if (atomic_load(&counter->known) != 0 || atomic_exchange(&counter->known, 1) != 0)
		return;
	counter->next = atomic_load(&counters);
	while (!atomic_compare_exchange_weak(&counters, &counter->next, counter))
		;
}

void counter_add(struct counter *counter, int64_t amount)
{
	atomic_fetch_add_explicit(&counter->value, amount, memory_order_relaxed);
	know(counter);
}

void counter_set(struct counter *counter, int64_t value)
{
	atomic_store_explicit(&counter->value, value, memory_order_relaxed);
	know(counter);
}

int64_t counter_value(const struct counter *counter)
{
	return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

static const char *kind_of(const struct counter *counter)
{
	return counter->kind == COUNTER_GAUGE ? "gauge" : "counter";
}

void counters_print_json(FILE *stream)
{
	for (const struct counter *each = atomic_load(&counters); each != NULL; each = each->next)
		fprintf(stream, "{\"counter\":\"%s\",\"kind\":\"%s\",\"value\":%" PRId64 "}\n",
			each->name, kind_of(each), counter_value(each));
	machine_counters_print(stream);
}

void counters_print_text(FILE *stream)
{
	for (const struct counter *each = atomic_load(&counters); each != NULL; each = each->next)
		fprintf(stream,
			"# HELP cloister_%s %s\n# TYPE cloister_%s %s\ncloister_%s %" PRId64 "\n",
			each->name, each->help, each->name, kind_of(each), each->name,
			counter_value(each));
}
