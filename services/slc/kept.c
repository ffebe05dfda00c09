/* kept: see kept.h. */
#include "services/slc/kept.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/clock.h"
#include "services/slc/control.h"

static int64_t seconds_now(void)
{
	return clock_system.wall(NULL) / (int64_t)CLOCK_SECOND;
}

size_t kepts_memory(uint32_t count)
{
	return count * (sizeof(struct kept) + SAID_SIZE);
}

int kepts_open(struct kepts *kepts, uint32_t count, struct fault *fault)
{
	kepts->count = count;
	kepts->list = calloc(count, sizeof *kepts->list);
	kepts->memory = malloc((size_t)count * SAID_SIZE);
	if (kepts->list == NULL || kepts->memory == NULL) {
		kepts_close(kepts);
		return fault_set(fault, "memory", "there is no memory for %u detached jobs", count);
	}
	for (uint32_t i = 0; i < count; i++)
		TAILQ_INIT(&kepts->list[i].controls);
	return 0;
}

void kepts_close(struct kepts *kepts)
{
	free(kepts->list);
	free(kepts->memory);
	kepts->list = NULL;
	kepts->memory = NULL;
}

static bool is_free(const struct kept *kept)
{
	return kept->number == 0 && kept->job == NULL;
}

/* The better place of two; either may be null. */
static struct kept *better(struct kept *one, struct kept *other)
{
	if (one == NULL || other == NULL)
		return one == NULL ? other : one;
	return is_free(other) || other->gone < one->gone ? other : one;
}

static struct kept *find_place(struct kepts *kepts)
{
	struct kept *best = NULL;

	for (uint32_t i = 0; i < kepts->count; i++) {
		struct kept *kept = &kepts->list[i];

		if (is_free(kept))
			return kept;
		if (kept->job == NULL && TAILQ_EMPTY(&kept->controls))
			best = better(best, kept);
	}
	return best;
}

/* The words, with blanks between; for people. */
static void keep_command(struct kept *kept, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;
	size_t used = 0;

	while (fields_next(&row, &field) == FIELDS_NEXT) {
		size_t room = sizeof kept->command - 1 - used;
		size_t n = field.length;

		if (field.tag != SLC_ARGUMENT || room < 2)
			continue;
		if (used > 0) {
			kept->command[used++] = ' ';
			room--;
		}
		n = n < room ? n : room;
		memcpy(kept->command + used, field.value, n);
		used += n;
	}
	kept->command[used] = '\0';
}

struct kept *kept_take(struct kepts *kepts, struct job *job, const struct authorized_key *owner,
	const uint8_t *fields, size_t size)
{
	struct kept *kept = find_place(kepts);

	if (kept == NULL)
		return NULL;
	memset(kept, 0, sizeof *kept);
	TAILQ_INIT(&kept->controls);
	kept->said.ring = kepts->memory + (size_t)(kept - kepts->list) * SAID_SIZE;
	kept->job = job;
	kept->owner = owner;
	kept->began = seconds_now();
	keep_command(kept, fields, size);
	return kept;
}

void kept_name(struct kept *kept, uint32_t number)
{
	kept->number = number;
}

static void wake(struct kept *kept)
{
	struct control *control, *next;

	for (control = TAILQ_FIRST(&kept->controls); control != NULL; control = next) {
		next = TAILQ_NEXT(control, next);
		control_run(control);
	}
}

void kept_says(struct kept *kept, uint8_t stream, const uint8_t *bytes, size_t size)
{
	said_put(&kept->said, stream, bytes, size);
	wake(kept);
}

void kept_ends(struct kept *kept, uint32_t status, uint32_t reason)
{
	kept->job = NULL;
	kept->status = status;
	kept->reason = reason;
	kept->ended = seconds_now();
	kept->gone = clock_system.now(NULL);
	wake(kept);
}

struct kept *kept_find(struct kepts *kepts, uint32_t number)
{
	for (uint32_t i = 0; number != 0 && i < kepts->count; i++)
		if (kepts->list[i].number == number)
			return &kepts->list[i];
	return NULL;
}
