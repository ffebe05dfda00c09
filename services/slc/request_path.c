/* request_path: what a put or a get names; see request.h. */
#include "runtime/channel/fields.h"
#include "runtime/channel/wire.h"
#include "services/slc/request.h"

static int take_pattern(struct request_path *path, const struct field *field)
{
	if (path->patterns == COPY_EXCLUDES_MAX)
		return -1;
	return field_text(field, path->pattern[path->patterns++], sizeof path->pattern[0]);
}

int request_share(struct copy_share *share, const struct field *field)
{
	if (field->length != 8)
		return -1;
	share->index = wire_number(field->value);
	share->count = wire_number(field->value + 4);
	return share->count >= 2 && share->count <= COPY_STREAMS_MAX && share->index < share->count
		       ? 0
		       : -1;
}

int request_path(struct request_path *path, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	enum fields_result result;
	struct field field;

	path->name[0] = '\0';
	path->options = 0;
	path->is_plain = false;
	path->share = (struct copy_share){.count = 0};
	path->patterns = 0;
	while ((result = fields_next(&row, &field)) == FIELDS_NEXT) {
		if (field.tag == SLC_PATH && field_text(&field, path->name, sizeof path->name) != 0)
			return -1;
		path->is_plain = path->is_plain || field.tag == SLC_PLAIN;
		if (field.tag == SLC_EXCLUDE && take_pattern(path, &field) != 0)
			return -1;
		if (field.tag == SLC_SHARE && request_share(&path->share, &field) != 0)
			return -1;
		if (field.tag == SLC_OPTIONS && field_number(&field, &path->options) != 0)
			return -1;
	}
	return result == FIELDS_END && path->name[0] != '\0' ? 0 : -1;
}
