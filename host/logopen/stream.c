/* stream: see stream.h. */
#include "host/logopen/stream.h"

#include <errno.h>
#include <string.h>

#include "gen/sealed_front.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(sealed_front)

/* What stands in front of the next part, and how it ends there. */
static struct sealed_front read_front(FILE *file, uint32_t part, uint8_t *bytes, size_t size)
{
	struct sealed_front front;

	sealed_front_init(&front, part);
	(void)sealed_front_drive(&front, 0, bytes, fread(bytes, 1, size, file));
	return front;
}

int stream_begin(
	struct stream *stream, FILE *file, const uint8_t key[HPKE_KEY_SIZE], struct fault *fault)
{
	const struct hpke_bytes info = {.bytes = SEALED_INFO, .size = strlen(SEALED_INFO)};
	uint8_t *bytes = stream->head.bytes;
	struct sealed_front front =
		read_front(file, SEALED_FRONT_HEAD, bytes, SEALED_FRONT_HEAD_SIZE);

	if (front.cs != SEALED_FRONT_IN_DONE ||
		fread(bytes + SEALED_DOCUMENT_AT, 1, front.size, file) != front.size)
		return fault_set(fault, "malformed", "this is no sealed log of Cloister's");
	stream->file = file;
	stream->head.size = SEALED_DOCUMENT_AT + front.size;
	return hpke_receiver(
		&stream->hpke, HPKE_AES_256_GCM, key, info, bytes + SEALED_SHARE_AT, fault);
}

enum stream_result stream_next(struct stream *stream, struct fields *fields, struct fault *fault)
{
	uint8_t sealed[SEALED_RECORD_MAX];
	struct sealed_front front =
		read_front(stream->file, SEALED_FRONT_RECORD, sealed, SEALED_FRONT_NUMBER_SIZE);

	if (front.cs == SEALED_FRONT_IN_BAD_SIZE) {
		(void)fault_set(fault, "malformed", "a record has %u bytes", front.size);
		return STREAM_FAILED;
	}
	if (front.cs != SEALED_FRONT_IN_DONE ||
		fread(sealed, 1, front.size, stream->file) != front.size) {
		if (!ferror(stream->file))
			return STREAM_CUT;
		(void)fault_io(fault, errno, "cannot read on");
		return STREAM_FAILED;
	}
	if (hpke_open(&stream->hpke, sealed_also(&stream->head, &stream->hpke), sealed, front.size,
		    stream->plain, fault) != 0)
		return STREAM_FAILED;
	*fields = fields_of(stream->plain, front.size - HPKE_TAG_SIZE);
	return STREAM_RECORD;
}
