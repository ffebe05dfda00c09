/* machine: how plumbing steps a machine, so that every transition is counted and can be traced.
 *
 * A source file that steps a machine says MACHINE_EVENTS(unit) or MACHINE_BYTES(slc_frame) once and
 * then calls unit_drive or slc_frame_drive instead of unit_step or slc_frame_feed. With
 * CLOISTER_TRACE=unit,slc_frame (or =all) in the environment each transition is one JSON object on
 * a line of standard error:
 *   {"machine":"unit","instance":7,"from":"up","event":"STOP","n":0,"to":"stopping",
 *    "effects":["term","arm","tell"]}
 * A byte machine is traced once per slice of bytes: "bytes" is what it used of the slice.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_MACHINE_H
#define CLOISTER_RUNTIME_KERNEL_MACHINE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fsm/fsm.h"

#define MACHINE_TRACE_MAX 1024 /* bytes of one trace line; a longer one is cut and closed */

/* One place of the program that steps machines of one kind. Lives as long as the program. */
struct machine_use {
	const struct fsm_kind *kind;
	_Atomic uint64_t steps; /* events, or slices of bytes */
	_Atomic uint64_t moves; /* of those, how many changed the state */
	_Atomic int known;      /* 1 once it is on the list that machine_counters_print walks */
	struct machine_use *next;
};

/* One step that was taken. */
struct machine_step {
	uint64_t instance; /* the caller's number for this machine: a channel, a pid */
	int from, to;
	unsigned event; /* 0: a slice of bytes */
	uint64_t n;     /* what the event carried, or bytes used */
	uint32_t effects;
};

/* Reads CLOISTER_TRACE. Call it before the first step; without it nothing is traced. */
void machine_trace_setup(const char *wanted);

/* Where trace lines go: a file descriptor that stays the caller's; 2 until this is called. */
void machine_trace_to(int descriptor);

/* Counts a step and traces it where that was asked for. Safe in every thread. */
void machine_note(struct machine_use *use, const struct machine_step *step);

/* One line per kind that was stepped: {"machine":"unit","steps":12,"moves":9}. */
void machine_counters_print(FILE *stream);

#define MACHINE_EVENTS(NAME)                                                                       \
	static struct machine_use NAME##_use = {.kind = &NAME##_kind};                             \
	static inline uint32_t NAME##_drive(                                                       \
		struct NAME *m, uint64_t instance, enum NAME##_event event, uint32_t n)            \
	{                                                                                          \
		struct machine_step step = {.instance = instance, .from = m->cs, .n = n};          \
		step.event = (unsigned)event;                                                      \
		step.effects = NAME##_step(m, event, n);                                           \
		step.to = m->cs;                                                                   \
		machine_note(&NAME##_use, &step);                                                  \
		return step.effects;                                                               \
	}

#define MACHINE_BYTES(NAME)                                                                        \
	static struct machine_use NAME##_use = {.kind = &NAME##_kind};                             \
	static inline size_t NAME##_drive(                                                         \
		struct NAME *m, uint64_t instance, const uint8_t *bytes, size_t n)                 \
	{                                                                                          \
		struct machine_step step = {.instance = instance, .from = m->cs};                  \
		step.n = NAME##_feed(m, bytes, n);                                                 \
		step.to = m->cs;                                                                   \
		machine_note(&NAME##_use, &step);                                                  \
		return (size_t)step.n;                                                             \
	}

#endif
