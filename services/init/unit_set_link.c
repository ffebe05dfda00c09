/* unit_set_link: who comes before whom in a set of units, by the names that their files give. */
#include <string.h>

#include "runtime/kernel/log.h"
#include "services/init/unit_set.h"

static int add_edge(struct unit_set *set, uint32_t before, uint32_t after, enum order_kind kind,
	struct fault *fault)
{
	if (set->edge_count == ORDER_EDGES_MAX)
		return fault_set(
			fault, "limit", "the units have more than %u relations", ORDER_EDGES_MAX);
	set->edges[set->edge_count++] =
		(struct order_edge){.before = before, .after = after, .kind = (uint32_t)kind};
	return 0;
}

/* Edges from one list of names; a name that no unit has loses only who requires it. */
static int link_names(struct unit_set *set, uint32_t i, const struct unit_names *names,
	bool comes_before, enum order_kind kind, struct fault *fault)
{
	for (uint32_t k = 0; k < names->count; k++) {
		uint32_t other = unit_set_find(set, names->list[k]);

		if (other == set->count && kind >= ORDER_REQUIRES && !comes_before)
			return fault_set(fault, "missing",
				"it requires '%.64s', and there is no such unit", names->list[k]);
		if (other == set->count) {
			LOG(LOG_WARNING, "a unit is ordered by one that is not there",
				log_string("unit", set->list[i].name),
				log_string("other", names->list[k]));
			continue;
		}
		if (add_edge(set, comes_before ? i : other, comes_before ? other : i, kind,
			    fault) != 0)
			return -1;
	}
	return 0;
}

int unit_set_link(
	struct unit_set *set, uint32_t i, const struct unit_file *file, struct fault *fault)
{
	/* First who is lost with it, should it miss what it requires itself. */
	if (link_names(set, i, &file->required_by, true, ORDER_REQUIRES, fault) != 0 ||
		link_names(set, i, &file->required, false, ORDER_REQUIRES, fault) != 0 ||
		link_names(set, i, &file->bound, false, ORDER_BINDS, fault) != 0 ||
		link_names(set, i, &file->milestones, false, ORDER_MILESTONE, fault) != 0 ||
		link_names(set, i, &file->wanted, false, ORDER_WANTS, fault) != 0 ||
		link_names(set, i, &file->after, false, ORDER_AFTER, fault) != 0)
		return -1;
	return link_names(set, i, &file->before, true, ORDER_AFTER, fault);
}

/* Says one circle that goes through `first`: each is named before the one it waits for. */
static void lose_ring(struct unit_set *set, const uint8_t *ring, uint32_t first)
{
	struct fault fault = {0};
	char text[FAULT_TEXT_MAX - 100];
	uint8_t seen[UNITS_MAX] = {0};
	uint32_t at = first;
	size_t used = 0;

	while (seen[at] == 0 && used < sizeof text) {
		size_t k = 0;

		seen[at] = 1;
		used += (size_t)snprintf(
			text + used, sizeof text - used, "%s -> ", set->list[at].name);
		while (set->edges[k].after != at || ring[set->edges[k].before] == 0)
			k++;
		at = set->edges[k].before;
	}
	(void)fault_set(&fault, "cycle", "it waits for itself: %s%s", text, set->list[at].name);
	set->faults[first] = fault;
}

void unit_set_find_rings(struct unit_set *set)
{
	uint8_t ring[UNITS_MAX] = {0};

	if (order_find_rings(set->edges, set->edge_count, ring, set->count) == 0)
		return;
	for (uint32_t i = 0; i < set->count; i++)
		if (ring[i] != 0)
			lose_ring(set, ring, i);
}
