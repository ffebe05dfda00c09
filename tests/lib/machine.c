/* machine: see machine.h. */
#include "tests/lib/machine.h"

#include <stdlib.h>
#include <string.h>

/* The situations met so far, in the order in which they were met. */
struct met {
	unsigned char *memory;
	size_t size, count, room;
};

static unsigned char *met_at(const struct met *met, size_t index)
{
	return met->memory + index * met->size;
}

static int met_has(const struct met *met, const void *m)
{
	for (size_t i = 0; i < met->count; i++)
		if (memcmp(met_at(met, i), m, met->size) == 0)
			return 1;
	return 0;
}

static void met_add(struct met *met, const void *m)
{
	if (met->count < met->room && !met_has(met, m))
		memcpy(met_at(met, met->count++), m, met->size);
}

static void assert_sound(const struct walk *walk, const void *m)
{
	int state = walk->state(m);

	assert_in_range(state, 0, walk->kind->state_count - 1);
	assert_string_not_equal(walk->kind->states[state], "none");
	if (!walk->ok(m))
		fail_msg("%s: the invariant does not hold in %s", walk->kind->name,
			walk->kind->states[state]);
}

static void assert_all_states_met(const struct walk *walk, const struct met *met)
{
	for (uint32_t state = 0; state < walk->kind->state_count; state++) {
		size_t i = 0;

		if (strcmp(walk->kind->states[state], "none") == 0)
			continue;
		while (i < met->count && walk->state(met_at(met, i)) != (int)state)
			i++;
		if (i == met->count)
			fail_msg("%s: the walk never entered %s", walk->kind->name,
				walk->kind->states[state]);
	}
}

static struct met met_start(const struct walk *walk, size_t room, void *m)
{
	struct met met = {calloc(room, walk->size), walk->size, 0, room};

	assert_non_null(met.memory);
	memset(m, 0, walk->size);
	walk->init(m);
	assert_sound(walk, m);
	met_add(&met, m);
	return met;
}

void walk_events(const struct walk *walk, const uint32_t *amounts, size_t count, size_t situations)
{
	unsigned char *m = malloc(walk->size);
	struct met met = met_start(walk, situations, m);

	for (size_t i = 0; i < met.count; i++)
		for (unsigned event = 1; event < walk->kind->event_count; event++)
			for (size_t a = 0; a < count; a++) {
				memcpy(m, met_at(&met, i), walk->size);
				(void)walk->step(m, event, amounts[a]);
				assert_sound(walk, m);
				met_add(&met, m);
			}
	assert_all_states_met(walk, &met);
	free(met.memory);
	free(m);
}

static int state_is_new(const struct walk *walk, const struct met *met, const void *m)
{
	for (size_t i = 0; i < met->count; i++)
		if (walk->state(met_at(met, i)) == walk->state(m))
			return 0;
	return 1;
}

void walk_bytes(const struct walk *walk)
{
	unsigned char *m = malloc(walk->size);
	struct met met = met_start(walk, walk->kind->state_count, m);

	for (size_t i = 0; i < met.count; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			memcpy(m, met_at(&met, i), walk->size);
			(void)walk->step(m, byte, 0);
			assert_sound(walk, m);
			if (state_is_new(walk, &met, m))
				met_add(&met, m);
		}
	free(met.memory);
	free(m);
}
