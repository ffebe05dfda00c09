/* cbor_write: writes CBOR (RFC 8949) into a buffer of the caller's, each head in its shortest form.
 *
 * Nothing is allocated. What does not fit is left out, and is_full says so once and for all: write
 * everything, then look at is_full. The caller keeps counts and order right; cbor.h reads back what
 * was written.
 */
#ifndef CLOISTER_RUNTIME_CRYPTO_CBOR_WRITE_H
#define CLOISTER_RUNTIME_CRYPTO_CBOR_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbor_writer {
	uint8_t *bytes;
	size_t size, used;
	bool is_full;
};

struct cbor_writer cbor_writer_of(void *bytes, size_t size);

void cbor_put_unsigned(struct cbor_writer *writer, uint64_t value);
void cbor_put_negative(struct cbor_writer *writer, uint64_t argument); /* -1 - argument */
void cbor_put_bytes(struct cbor_writer *writer, const void *bytes, size_t size);
void cbor_put_text(struct cbor_writer *writer, const char *text); /* UTF-8 */
void cbor_put_tag(struct cbor_writer *writer, uint64_t number);
void cbor_put_bool(struct cbor_writer *writer, bool value);
void cbor_put_null(struct cbor_writer *writer);

/* Followed by so many items, or pairs. */
void cbor_put_array(struct cbor_writer *writer, uint64_t count);
void cbor_put_map(struct cbor_writer *writer, uint64_t count);

/* A map of pairs up to a break. */
void cbor_put_open_map(struct cbor_writer *writer);
void cbor_put_break(struct cbor_writer *writer);

#endif
