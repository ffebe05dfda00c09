/* sealed: a log that whoever carries it can't read (spec/sealed.md): a head, and records that are
 * sealed by hpke.h, each with its size in front (wire_put_number). The machine sealed_front reads
 * the sizes. */
#ifndef CLOISTER_RUNTIME_CONTROL_SEALED_H
#define CLOISTER_RUNTIME_CONTROL_SEALED_H

#include "fsm/sealed_front.h"
#include "runtime/control/protocol.h"
#include "runtime/crypto/hpke.h"

#define SEALED_INFO         "cloister sealed log 1"
#define SEALED_USER_DATA    SEALED_INFO /* of the document */
#define SEALED_MAGIC        "CLSEAL1\n"
#define SEALED_SHARE_AT     SEALED_FRONT_MAGIC_SIZE
#define SEALED_DOCUMENT_AT  SEALED_FRONT_HEAD_SIZE
#define SEALED_DOCUMENT_MAX SEALED_FRONT_DOCUMENT_MAX
#define SEALED_HEAD_MAX     (SEALED_DOCUMENT_AT + SEALED_DOCUMENT_MAX)
#define SEALED_PLAIN_MAX    4096u /* bytes of a record that is open */
#define SEALED_RECORD_MAX   SEALED_FRONT_RECORD_MAX

_Static_assert(HPKE_KEY_SIZE == SEALED_FRONT_SHARE && HPKE_TAG_SIZE == SEALED_FRONT_RECORD_MIN &&
		       SEALED_PLAIN_MAX + HPKE_TAG_SIZE == SEALED_RECORD_MAX,
	"sealed_front is about shares and records of hpke.h");

/* The magic, the sender's share, the size of the attestation document, and that. */
struct sealed_head {
	uint8_t bytes[SEALED_HEAD_MAX];
	size_t size;
};

/* No document has size 0. Fault: "limit". */
int sealed_head_make(struct sealed_head *head, const uint8_t share[HPKE_KEY_SIZE],
	const uint8_t *document, size_t size, struct fault *fault);

/* What is sealed with a record: the head with the first one, nothing with others. */
struct hpke_bytes sealed_also(const struct sealed_head *head, const struct hpke *hpke);

#endif
