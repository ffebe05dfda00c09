/* kernel_line: what a kernel's console says of its end. Page: spec/kernel_line.md. */
#ifndef CLOISTER_FSM_KERNEL_LINE_H
#define CLOISTER_FSM_KERNEL_LINE_H

#include <stddef.h>
#include <stdint.h>

struct kernel_line {
	int cs;
};

void kernel_line_init(struct kernel_line *m);

/* One byte. A machine that has ended (kernel_line_ended) stays as it is. */
void kernel_line_step(struct kernel_line *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t kernel_line_feed(struct kernel_line *m, const uint8_t *bytes, size_t n);

#endif
