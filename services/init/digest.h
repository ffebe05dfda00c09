/* digest: SHA-384 over a name and the bytes that it names, as the log of boot events has it. */
#ifndef CLOISTER_SERVICES_INIT_DIGEST_H
#define CLOISTER_SERVICES_INIT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 48u

/* Of `what`, a line feed, and bytes[0..size). */
void digest_text(uint8_t digest[DIGEST_SIZE], const char *what, const void *bytes, size_t size);

/* Of `what`, a line feed, and what the descriptor gives. -1: it can't be read. */
int digest_file(uint8_t digest[DIGEST_SIZE], const char *what, int fd);

#endif
