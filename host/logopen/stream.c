/* stream: see stream.h. */
#include "host/logopen/stream.h"

#include <errno.h>
#include <string.h>

static int no_log(struct fault *fault)
{
	return fault_set(fault, "malformed", "this is no sealed log of Cloister's");
}

int stream_begin(
	struct stream *stream, FILE *file, const uint8_t key[HPKE_KEY_SIZE], struct fault *fault)
{
	const struct hpke_bytes info = {.bytes = SEALED_INFO, .size = strlen(SEALED_INFO)};
	uint8_t *bytes = stream->head.bytes;
	size_t size;

	stream->file = file;
	if (fread(bytes, 1, SEALED_DOCUMENT_AT, file) != SEALED_DOCUMENT_AT ||
		memcmp(bytes, SEALED_MAGIC, SEALED_MAGIC_SIZE) != 0)
		return no_log(fault);
	size = sealed_get_size(bytes + SEALED_SHARE_AT + HPKE_KEY_SIZE);
	if (size > SEALED_DOCUMENT_MAX || fread(bytes + SEALED_DOCUMENT_AT, 1, size, file) != size)
		return no_log(fault);
	stream->head.size = SEALED_DOCUMENT_AT + size;
	return hpke_receiver(
		&stream->hpke, HPKE_AES_256_GCM, key, info, bytes + SEALED_SHARE_AT, fault);
}

enum stream_result stream_next(struct stream *stream, struct fields *fields, struct fault *fault)
{
	uint8_t front[4], sealed[SEALED_RECORD_MAX];
	size_t size = 0;
	bool is_whole = fread(front, 1, sizeof front, stream->file) == sizeof front;

	if (is_whole) {
		size = sealed_get_size(front);
		if (size < HPKE_TAG_SIZE || size > SEALED_RECORD_MAX) {
			(void)fault_set(fault, "malformed", "a record has %zu bytes", size);
			return STREAM_FAILED;
		}
		is_whole = fread(sealed, 1, size, stream->file) == size;
	}
	if (!is_whole && ferror(stream->file)) {
		(void)fault_io(fault, errno, "cannot read on");
		return STREAM_FAILED;
	}
	if (!is_whole)
		return STREAM_CUT;
	if (hpke_open(&stream->hpke, sealed_also(&stream->head, &stream->hpke), sealed, size,
		    stream->plain, fault) != 0)
		return STREAM_FAILED;
	*fields = fields_of(stream->plain, size - HPKE_TAG_SIZE);
	return STREAM_RECORD;
}
