/* kernel_line: what a kernel's console says of its end, a line at a time. */
#ifndef CLOISTER_HOST_ENCLAVE_KERNEL_LINE_H
#define CLOISTER_HOST_ENCLAVE_KERNEL_LINE_H

#include <stddef.h>

#define KERNEL_LINE_MAX 64u /* bytes of a line that count: its time and the words */

enum kernel_word {
	KERNEL_SAYS_NOTHING = 0,
	KERNEL_PANICS = 1, /* "Kernel panic - not syncing" */
	KERNEL_LEAVES = 2  /* "reboot: ": it halts, powers off or restarts */
};

/* Zeroed at first. */
struct kernel_line {
	char text[KERNEL_LINE_MAX + 1u];
	size_t size;
};

/* Takes bytes of the console up to the end of a line that has a word, or all. Returns how many it
 * took. */
size_t kernel_line_feed(
	struct kernel_line *line, const char *bytes, size_t size, enum kernel_word *word);

#endif
