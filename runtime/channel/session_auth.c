/* session_auth: AUTH frames, and the machine that says whose turn it is: spec/slc_auth.md. */
#include <string.h>

#include "runtime/channel/fields.h"
#include "runtime/channel/session_inside.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(slc_auth)

#define HEADERS (4 + 2 * SLC_FIELD_SIZE) /* of a step: its number, and those of its fields */

static void auth_feed(
	struct slc *slc, enum slc_auth_event event, uint32_t n, const struct hand *hand);

/* --- What is sent ----------------------------------------------------------------------------- */

static void send_step(
	struct slc *slc, uint32_t step, uint32_t tag, const uint8_t *bytes, size_t size)
{
	uint8_t payload[HEADERS + SLC_AUTH_DOCUMENT_MAX];
	struct field_writer writer = field_writer_of(payload + 4, sizeof payload - 4);

	wire_put_number(payload, step);
	if (tag != 0)
		field_put(&writer, tag, bytes, size);
	write_control(slc, SLC_FRAME_AUTH, 0, payload, 4 + writer.used);
}

static void send_nonce(struct slc *slc)
{
	uint8_t nonce[SLC_AUTH_NONCE_SIZE];

	if (slc->options.proofs->nonce == NULL || !slc->options.proofs->nonce(slc, nonce)) {
		const struct hand hand = {.text = "there are no random bytes for a nonce"};

		(void)session_feed(slc, SLC_SESSION_AUTH_FAILED, SLC_REASON_INTERNAL, &hand);
		return;
	}
	send_step(slc, SLC_AUTH_FRAME_NONCE, SLC_AUTH_NONCE_FIELD, nonce, sizeof nonce);
}

/* Fields 195 and 196, or none. */
static void send_key(struct slc *slc)
{
	uint8_t payload[4 + 2 * (SLC_FIELD_SIZE + SLC_AUTH_KEY_MAX)];
	struct field_writer writer = field_writer_of(payload + 4, sizeof payload - 4);
	struct slc_signed made;

	if (slc->options.proofs->sign == NULL) {
		send_step(slc, SLC_AUTH_FRAME_KEY, 0, NULL, 0);
		return;
	}
	if (!slc->options.proofs->sign(slc, &made)) {
		const struct hand hand = {.text = "the client's key does not sign"};

		(void)session_feed(slc, SLC_SESSION_AUTH_FAILED, SLC_REASON_INTERNAL, &hand);
		return;
	}
	wire_put_number(payload, SLC_AUTH_FRAME_KEY);
	field_put(&writer, SLC_AUTH_KEY_FIELD, made.key, made.key_size);
	field_put(&writer, SLC_AUTH_SIGNATURE_FIELD, made.signature, made.signature_size);
	write_control(slc, SLC_FRAME_AUTH, 0, payload, 4 + writer.used);
}

/* The fields of the frame at hand, which is_a_key has let pass. */
static void check_key(struct slc *slc, const struct hand *hand)
{
	struct fields fields = fields_of(hand->bytes, hand->size);
	struct field key, signature;

	if (slc->options.proofs->check == NULL || fields_next(&fields, &key) != FIELDS_NEXT ||
		fields_next(&fields, &signature) != FIELDS_NEXT)
		slc_judged(slc, SLC_REASON_AUTH, "this end knows no keys");
	else
		slc->options.proofs->check(
			slc, key.value, key.length, signature.value, signature.length);
}

/* --- The machine ------------------------------------------------------------------------------ */

/* Lowest bit first. */
static void perform(struct slc *slc, uint32_t effects, const struct hand *hand)
{
	const struct slc_proofs *proofs = slc->options.proofs;

	if ((effects & SLC_AUTH_DO_SEND_NONCE) != 0)
		send_nonce(slc);
	if ((effects & SLC_AUTH_DO_MAKE_DOCUMENT) != 0)
		proofs->make(slc, hand->bytes);
	if ((effects & SLC_AUTH_DO_SEND_DOCUMENT) != 0)
		send_step(slc, SLC_AUTH_FRAME_DOCUMENT, SLC_AUTH_DOCUMENT_FIELD, hand->bytes,
			hand->size);
	if ((effects & SLC_AUTH_DO_JUDGE) != 0)
		proofs->judge(slc, hand->bytes, hand->size);
	if ((effects & SLC_AUTH_DO_SEND_KEY) != 0)
		send_key(slc);
	if ((effects & SLC_AUTH_DO_CHECK) != 0)
		check_key(slc, hand);
	if ((effects & SLC_AUTH_DO_SEND_ACCEPTED) != 0)
		send_step(slc, SLC_AUTH_FRAME_ACCEPTED, 0, NULL, 0);
	if ((effects & SLC_AUTH_DO_TELL_PROVED) != 0)
		(void)session_feed(slc, SLC_SESSION_PROVED, 0, &nothing);
	if ((effects & SLC_AUTH_DO_TELL_ACCEPTED) != 0)
		(void)session_feed(slc, SLC_SESSION_ACCEPTED, 0, &nothing);
	if ((effects & SLC_AUTH_DO_FAIL) != 0)
		(void)session_feed(slc, SLC_SESSION_AUTH_FAILED, slc->auth.reason, hand);
}

static void auth_feed(
	struct slc *slc, enum slc_auth_event event, uint32_t n, const struct hand *hand)
{
	perform(slc, slc_auth_drive(&slc->auth, slc->options.instance, event, n), hand);
}

void auth_begin(struct slc *slc)
{
	auth_feed(slc, SLC_AUTH_START, 0, &nothing);
}

/* --- What arrives ----------------------------------------------------------------------------- */

/* The one field of a step, with so many bytes. */
static bool take_one(
	const struct hand *hand, uint32_t tag, size_t least, size_t most, struct hand *found)
{
	struct fields fields = fields_of(hand->bytes, hand->size);
	struct field field, none;

	if (fields_next(&fields, &field) != FIELDS_NEXT || field.tag != tag ||
		field.length < least || field.length > most ||
		fields_next(&fields, &none) != FIELDS_END)
		return false;
	found->bytes = field.value;
	found->size = field.length;
	return true;
}

static bool is_a_key(const struct hand *hand)
{
	struct fields fields = fields_of(hand->bytes, hand->size);
	struct field key, signature, none;

	return fields_next(&fields, &key) == FIELDS_NEXT && key.tag == SLC_AUTH_KEY_FIELD &&
	       1 <= key.length && key.length <= SLC_AUTH_KEY_MAX &&
	       fields_next(&fields, &signature) == FIELDS_NEXT &&
	       signature.tag == SLC_AUTH_SIGNATURE_FIELD && 1 <= signature.length &&
	       signature.length <= SLC_AUTH_KEY_MAX && fields_next(&fields, &none) == FIELDS_END;
}

static enum slc_auth_event event_of(const struct hand *hand, struct hand *found)
{
	switch (hand->value) {
	case SLC_AUTH_FRAME_NONCE:
		return take_one(hand, SLC_AUTH_NONCE_FIELD, SLC_AUTH_NONCE_SIZE,
			       SLC_AUTH_NONCE_SIZE, found)
			       ? SLC_AUTH_NONCE
			       : SLC_AUTH_MALFORMED;
	case SLC_AUTH_FRAME_DOCUMENT:
		return take_one(hand, SLC_AUTH_DOCUMENT_FIELD, 1, SLC_AUTH_DOCUMENT_MAX, found)
			       ? SLC_AUTH_DOCUMENT
			       : SLC_AUTH_MALFORMED;
	case SLC_AUTH_FRAME_KEY:
		if (hand->size == 0)
			return SLC_AUTH_NO_KEY;
		*found = *hand;
		return is_a_key(hand) ? SLC_AUTH_KEY : SLC_AUTH_MALFORMED;
	case SLC_AUTH_FRAME_ACCEPTED:
		return hand->size == 0 ? SLC_AUTH_ACCEPTED : SLC_AUTH_MALFORMED;
	default:
		return SLC_AUTH_MALFORMED;
	}
}

void auth_arrived(struct slc *slc, const struct hand *hand)
{
	struct hand found = {.text = NULL};

	auth_feed(slc, event_of(hand, &found), 0, &found);
}

/* --- What the owner has found out ------------------------------------------------------------- */

void slc_document(struct slc *slc, const uint8_t *document, size_t size)
{
	const struct hand hand = {.bytes = document, .size = size};

	if (slc->machine.cs != SLC_SESSION_IN_AUTH)
		return;
	if (size > SLC_AUTH_DOCUMENT_MAX || size + HEADERS > slc->peer.limit)
		slc_judged(slc, SLC_REASON_LIMIT, "the document is longer than the peer reads");
	else
		auth_feed(slc, SLC_AUTH_MADE, 0, &hand);
}

void slc_judged(struct slc *slc, uint32_t reason, const char *text)
{
	const struct hand hand = {.text = text};

	if (slc->machine.cs != SLC_SESSION_IN_AUTH)
		return;
	auth_feed(slc, reason == SLC_REASON_NONE ? SLC_AUTH_GOOD : SLC_AUTH_BAD, reason,
		reason == SLC_REASON_NONE ? &nothing : &hand);
}
