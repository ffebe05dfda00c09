/* machine: see machine.h. */
#include "runtime/kernel/machine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static _Atomic(struct machine_use *) uses;
static const char *traced;
static int trace_descriptor = STDERR_FILENO;

void machine_trace_setup(const char *wanted)
{
	traced = wanted;
}

void machine_trace_to(int descriptor)
{
	trace_descriptor = descriptor;
}

/* Whether `name` is an element of the comma-separated list `traced`. */
static int is_traced(const char *name)
{
	size_t length = strlen(name);
	const char *at = traced;

	while (at != NULL && *at != '\0') {
		size_t word = strcspn(at, ",");

		if ((word == 3 && memcmp(at, "all", 3) == 0) ||
			(word == length && memcmp(at, name, length) == 0))
			return 1;
		at += word + (at[word] == ',');
	}
	return 0;
}

/* A line under construction; what does not fit is dropped. */
struct line {
	char text[MACHINE_TRACE_MAX];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void append(struct line *line, const char *format, ...)
{
	size_t room = sizeof line->text - line->used;
	va_list arguments;
	int wanted;

	va_start(arguments, format);
	wanted = vsnprintf(line->text + line->used, room, format, arguments);
	va_end(arguments);
	if (wanted > 0)
		line->used += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static const char *name_at(const char *const *names, uint32_t count, unsigned index)
{
	return index < count ? names[index] : "unknown";
}

static void append_effects(struct line *line, const struct fsm_kind *kind, uint32_t effects)
{
	const char *separator = "";

	append(line, ",\"effects\":[");
	for (uint32_t bit = 0; bit < kind->effect_count; bit++) {
		if ((effects >> bit & 1u) == 0u)
			continue;
		append(line, "%s\"%s\"", separator, kind->effects[bit]);
		separator = ",";
	}
	append(line, "]");
}

static void trace(const struct fsm_kind *kind, const struct machine_step *step)
{
	struct line line = {.used = 0};
	const char *from = name_at(kind->states, kind->state_count, (unsigned)step->from);
	const char *to = name_at(kind->states, kind->state_count, (unsigned)step->to);

	append(&line, "{\"machine\":\"%s\",\"instance\":%" PRIu64 ",\"from\":\"%s\"", kind->name,
		step->instance, from);
	if (step->event == 0u)
		append(&line, ",\"bytes\":%" PRIu64 ",\"to\":\"%s\"", step->n, to);
	else
		append(&line, ",\"event\":\"%s\",\"n\":%" PRIu64 ",\"to\":\"%s\"",
			name_at(kind->events, kind->event_count, step->event), step->n, to);
	if (step->event != 0u)
		append_effects(&line, kind, step->effects);
	append(&line, "}\n");
	line.text[line.used - 1] = '\n';
	if (write(trace_descriptor, line.text, line.used) < 0)
		return; /* A trace that can't be written must not disturb what it watches. */
}

void machine_note(struct machine_use *use, const struct machine_step *step)
{
	if (atomic_load(&use->known) == 0 && atomic_exchange(&use->known, 1) == 0) {
		use->next = atomic_load(&uses);
		while (!atomic_compare_exchange_weak(&uses, &use->next, use))
			;
	}
	atomic_fetch_add_explicit(&use->steps, 1, memory_order_relaxed);
	if (step->from != step->to)
		atomic_fetch_add_explicit(&use->moves, 1, memory_order_relaxed);
	if (traced != NULL && is_traced(use->kind->name))
		trace(use->kind, step);
}

/* Several files may step machines of one kind: the first of them on the list speaks for all. */
static int is_first_of_kind(const struct machine_use *use)
{
	const struct machine_use *other = atomic_load(&uses);

	while (other != use && other->kind != use->kind)
		other = other->next;
	return other == use;
}

void machine_counters_print(FILE *stream)
{
	for (const struct machine_use *use = atomic_load(&uses); use != NULL; use = use->next) {
		uint64_t steps = 0, moves = 0;

		if (!is_first_of_kind(use))
			continue;
		for (const struct machine_use *same = use; same != NULL; same = same->next) {
			steps += same->kind == use->kind ? atomic_load(&same->steps) : 0u;
			moves += same->kind == use->kind ? atomic_load(&same->moves) : 0u;
		}
		fprintf(stream,
			"{\"machine\":\"%s\",\"steps\":%" PRIu64 ",\"moves\":%" PRIu64 "}\n",
			use->kind->name, steps, moves);
	}
}
