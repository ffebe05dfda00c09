/* emit: JSON text, byte for byte as AWS's tools print it (serde_json's compact and pretty forms).
 *
 * Keys come in the caller's order. Errors stay in the FILE; the caller asks ferror once.
 */
#ifndef CLOISTER_RUNTIME_EIF_EMIT_H
#define CLOISTER_RUNTIME_EIF_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/kernel/fault.h"

struct emit {
	FILE *file;
	bool pretty;   /* two spaces of indentation per level, else no white space */
	bool terminal; /* print U+007F to U+009F, which a terminal acts on, as escapes */
	int level;
	bool first; /* nothing was printed yet in the innermost object or array */
};

void emit_start(struct emit *emit, FILE *file, bool pretty);

/* Opens an object or array; `key` is NULL inside an array and at the top. */
void emit_begin(struct emit *emit, const char *key, char bracket);
void emit_end(struct emit *emit, char bracket);

void emit_string(struct emit *emit, const char *key, const char *text);
void emit_bytes(struct emit *emit, const char *key, const char *text, size_t size);
void emit_bool(struct emit *emit, const char *key, bool value);
void emit_integer(struct emit *emit, const char *key, uint64_t value);
/* A value that is JSON text already: a number, or null. */
void emit_literal(struct emit *emit, const char *key, const char *text);

/* The line ends here, and has to have arrived. Word "io". */
int emit_finish(struct emit *emit, struct fault *fault);

#endif
