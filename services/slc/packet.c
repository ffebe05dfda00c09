/* packet: see packet.h. */
#include "services/slc/packet.h"

#include <string.h>

#include "runtime/channel/fields.h"
#include "runtime/channel/wire.h"

#define HEAD 8u /* kind and number of the job */

/* Tags of the fields of packets. */
enum tag { TAG_NUMBER = 1, TAG_REASON = 2, TAG_TEXT = 3, TAG_BYTES = 4 };
#define HAS(TAG) (1u << (TAG))

struct shape {
	enum packet_side from;
	unsigned fields; /* each exactly once, in the order of their tags */
	unsigned descriptors;
	uint32_t least, most; /* the number */
};

static const struct shape shapes[] = {
	[PACKET_PART] = {PACKET_FROM_FRONT, HAS(TAG_BYTES), 0, 0, 0},
	[PACKET_EXEC] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_PUT] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_GET] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_SIGNAL] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER), 0, 1, 64},
	[PACKET_DONE] = {PACKET_FROM_FRONT, 0, 0, 0, 0},
	[PACKET_PIPES] = {PACKET_FROM_BROKER, 0, PACKET_PIPES_COUNT, 0, 0},
	[PACKET_STARTED] = {PACKET_FROM_BROKER, 0, 0, 0, 0},
	[PACKET_NOT_STARTED] = {PACKET_FROM_BROKER,
		HAS(TAG_NUMBER) | HAS(TAG_REASON) | HAS(TAG_TEXT), 0, 125, 127},
	[PACKET_EXITED] = {PACKET_FROM_BROKER, HAS(TAG_NUMBER), 0, 0, 255},
	[PACKET_KILLED] = {PACKET_FROM_BROKER, HAS(TAG_NUMBER), 0, 1, 64},
	[PACKET_ATTEST] = {PACKET_FROM_FRONT, HAS(TAG_BYTES), 0, 0, 0},
	[PACKET_DIAL] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_LISTEN] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_SESSION] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_MARK] = {PACKET_FROM_FRONT, 0, 0, 0, 0},
	[PACKET_LOG] = {PACKET_FROM_FRONT, HAS(TAG_BYTES), 0, 0, 0},
	[PACKET_CONTROL] = {PACKET_FROM_FRONT, HAS(TAG_NUMBER) | HAS(TAG_BYTES), 0, 0, UINT32_MAX},
	[PACKET_PROVE] = {PACKET_FROM_FRONT, HAS(TAG_BYTES), 0, 0, 0},
};
#define KINDS (sizeof shapes / sizeof shapes[0])

size_t packet_encode(const struct packet *packet, uint8_t bytes[PACKET_SIZE_MAX])
{
	const struct shape *shape = &shapes[packet->kind];
	struct field_writer writer = field_writer_of(bytes + HEAD, PACKET_SIZE_MAX - HEAD);

	wire_put_number(bytes, packet->kind);
	wire_put_number(bytes + 4, packet->id);
	if ((shape->fields & HAS(TAG_NUMBER)) != 0)
		field_put_number(&writer, TAG_NUMBER, packet->number);
	if ((shape->fields & HAS(TAG_REASON)) != 0)
		field_put_number(&writer, TAG_REASON, packet->reason);
	if ((shape->fields & HAS(TAG_TEXT)) != 0)
		field_put_text(&writer, TAG_TEXT, packet->text);
	if ((shape->fields & HAS(TAG_BYTES)) != 0)
		field_put(&writer, TAG_BYTES, packet->bytes, packet->size);
	return HEAD + writer.used;
}

static int bad(struct fault *fault, const char *what)
{
	return fault_set(fault, "packet", "a packet is refused: %s", what);
}

static int read_field(struct packet *packet, const struct field *field)
{
	switch (field->tag) {
	case TAG_NUMBER:
		return field_number(field, &packet->number);
	case TAG_REASON:
		return field_number(field, &packet->reason);
	case TAG_TEXT:
		return field_text(field, packet->text, sizeof packet->text);
	case TAG_BYTES:
		packet->bytes = field->value;
		packet->size = field->length;
		return field->length <= PACKET_PART_MAX ? 0 : -1;
	default:
		return -1;
	}
}

/* Exactly the fields that are wanted, in the order of their tags. */
static int read_fields(
	struct packet *packet, unsigned wanted, struct fields *fields, struct fault *fault)
{
	enum fields_result result;
	struct field field;

	while ((result = fields_next(fields, &field)) == FIELDS_NEXT) {
		unsigned lowest = wanted & (~wanted + 1u);

		if (field.tag > TAG_BYTES || lowest != HAS(field.tag))
			return bad(fault, "a field is missing, or one too many");
		if (read_field(packet, &field) != 0)
			return bad(fault, "a field has a value that it can't have");
		wanted -= lowest;
	}
	if (result == FIELDS_BROKEN)
		return bad(fault, "its fields can't be read");
	if (wanted != 0)
		return bad(fault, "a field is missing");
	return 0;
}

int packet_decode(struct packet *packet, enum packet_side from, const uint8_t *bytes, size_t size,
	unsigned descriptors, struct fault *fault)
{
	struct fields fields;
	const struct shape *shape;
	uint32_t kind;

	memset(packet, 0, sizeof *packet);
	if (size < HEAD || size > PACKET_SIZE_MAX)
		return bad(fault, "it has another size");
	kind = wire_number(bytes);
	if (kind >= KINDS || shapes[kind].from != from)
		return bad(fault, "its kind is unknown");
	shape = &shapes[kind];
	if (descriptors != shape->descriptors)
		return bad(fault, "it has another number of descriptors");
	packet->kind = (enum packet_kind)kind;
	packet->id = wire_number(bytes + 4);
	fields = fields_of(bytes + HEAD, size - HEAD);
	if (read_fields(packet, shape->fields, &fields, fault) != 0)
		return -1;
	if (packet->number < shape->least || packet->number > shape->most)
		return bad(fault, "its number is out of range");
	return 0;
}
