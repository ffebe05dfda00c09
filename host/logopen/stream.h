/* stream: a sealed log (spec/sealed.md), read and opened record by record. */
#ifndef CLOISTER_HOST_LOGOPEN_STREAM_H
#define CLOISTER_HOST_LOGOPEN_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "runtime/channel/fields.h"
#include "runtime/control/sealed.h"

struct stream {
	FILE *file;
	struct hpke hpke;
	struct sealed_head head;
	uint8_t plain[SEALED_PLAIN_MAX];
};

/* Reads the head. Faults: "malformed" (it is no sealed log), "key", "crypto". */
int stream_begin(
	struct stream *stream, FILE *file, const uint8_t key[HPKE_KEY_SIZE], struct fault *fault);

enum stream_result {
	STREAM_RECORD, /* *fields are in the stream, until the next call */
	STREAM_CUT,    /* here is no whole record any more */
	STREAM_FAILED  /* faults: "malformed", "sealed", "io" */
};

enum stream_result stream_next(struct stream *stream, struct fields *fields, struct fault *fault);

#endif
