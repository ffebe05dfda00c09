/* source: runtime/eif/layout.c */
/* flags: -eva-precision 8 -eva-auto-loop-unroll 64 -eva-slevel 3000 */
/* The image's header and sections, of any bytes and any size of file, in the reader's order. */
#include "__fc_builtin.h"
#include "runtime/eif/layout.h"

static uint8_t bytes[EIF_HEADER_SIZE];
static uint8_t section_bytes[EIF_SECTION_HEADER_SIZE];
static struct eif_section sections[EIF_SECTIONS_MAX];
static uint64_t file_size;

int main(void)
{
	struct eif_header header;
	struct eif_place place;
	struct eif_contents contents;

	Frama_C_make_unknown((char *)bytes, sizeof bytes);
	Frama_C_make_unknown((char *)&file_size, sizeof file_size);
	if (eif_layout_decode(bytes, &header) != EIF_OK)
		return 0;
	eif_layout_encode(&header, bytes);
	if (eif_layout_check(&header, file_size, &place) != EIF_OK)
		return 0;
	for (int i = 0; i < header.section_count; i++) {
		Frama_C_make_unknown((char *)section_bytes, sizeof section_bytes);
		eif_section_decode(section_bytes, &sections[i]);
		eif_section_encode(&sections[i], section_bytes);
	}
	if (eif_layout_sections(&header, sections, &place) != EIF_OK)
		return 0;
	(void)eif_layout_contents(&header, sections, &contents);
	return 0;
}
