/* fault: the reason why something failed, carried by its owner to where a person can act on it.
 *
 * A function that can fail takes a `struct fault *` and returns 0, or -1 with the fault set.
 * Whoever fails first sets it; callers pass it up unchanged, and the program's outermost function
 * prints it once. A good text says what failed, on what, why, and what to do.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_FAULT_H
#define CLOISTER_RUNTIME_KERNEL_FAULT_H

#include <stdio.h>

#define FAULT_WORD_MAX 32  /* bytes with the NUL */
#define FAULT_TEXT_MAX 512 /* bytes with the NUL; longer texts are cut */

struct fault {
	char word[FAULT_WORD_MAX]; /* the reason in one lower-case word, for scripts: "crc", "io" */
	char text[FAULT_TEXT_MAX]; /* the reason in one sentence, for people */
};

/* Sets the fault. Always returns -1, so that a caller can `return fault_set(...)`. */
int fault_set(struct fault *fault, const char *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Like fault_set with the word "io", and ": " with the text of `error` (an errno) at the end. */
int fault_io(struct fault *fault, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints "program: text" and a newline. Bytes that a terminal would act on are escaped. */
void fault_print(FILE *stream, const char *program, const struct fault *fault);

/* Writes `text` with every control byte, and every byte above 126, as \xNN. */
void print_escaped(FILE *stream, const char *text);

#endif
