/* refusal: see refusal.h. spec/eif.md has the same words. */
#include "runtime/eif/refusal.h"

struct wording {
	const char *word;
	const char *text;
	const char *relation; /* of what was expected to what was found; NULL: no figures */
};

static const struct wording wordings[EIF_REASONS] = {
	[EIF_OK] = {"ok", "no fault", NULL},
	[EIF_SHORT] = {"short", "the file is shorter than an image's header", "at least "},
	[EIF_MAGIC] = {"magic", "this is no enclave image: it does not begin with .eif", NULL},
	[EIF_VERSION] = {"version", "the format version is not 2, 3 or 4", "at most "},
	[EIF_FLAGS] = {"flags", "the header has unknown flags", "at most "},
	[EIF_RESERVED] = {"reserved", "a reserved field of the header is set", ""},
	[EIF_COUNT] = {"count", "the number of sections is outside of 3 to 32", ""},
	[EIF_OVERLAP] = {"overlap", "a section begins inside of what is in front of it", ""},
	[EIF_GAP] = {"gap", "there are bytes in front of a section that belong to none", ""},
	[EIF_OVERRUN] = {"overrun", "a section ends after the end of the file", "at most "},
	[EIF_SLOT] = {"slot", "an unused slot of the section tables is set", ""},
	[EIF_TAIL] = {"tail", "there are bytes after the last section", "the end at "},
	[EIF_SECTION_TYPE] = {"section-type", "a section's type is unknown in this version",
		"1 to "},
	[EIF_SECTION_FLAGS] = {"section-flags", "a section's header has flags", ""},
	[EIF_SECTION_SIZE] = {"section-size",
		"a section's header and the file's header differ on the section's size", ""},
	[EIF_SECTION_LIMIT] = {"section-limit", "a section is larger than its kind may be",
		"at most "},
	[EIF_ORDER] = {"order", "a ramdisk comes before the kernel", NULL},
	[EIF_KERNEL] = {"kernel", "the image has no kernel, or more than one", NULL},
	[EIF_CMDLINE] = {"cmdline", "the image has no command line, or more than one", NULL},
	[EIF_RAMDISK] = {"ramdisk", "the image has no ramdisk", NULL},
	[EIF_METADATA] = {"no-metadata",
		"the image has no metadata, which version 4 demands, or more than one", NULL},
	[EIF_SIGNATURE] = {"signatures", "the image has more than one signature section", NULL},
};

int reason_fault(struct fault *fault, const char *path, enum eif_reason reason,
	const struct eif_place *place)
{
	const struct wording *wording = &wordings[reason];
	char section[24] = "";

	if (wording->relation == NULL)
		return fault_set(fault, wording->word, "%s: %s", path, wording->text);
	if (place->section < EIF_SECTIONS_MAX)
		(void)snprintf(section, sizeof section, "section %u, ", place->section);
	return fault_set(fault, wording->word, "%s: %s (%sbyte %llu: expected %s%llu, found %llu)",
		path, wording->text, section, (unsigned long long)place->offset, wording->relation,
		(unsigned long long)place->expected, (unsigned long long)place->found);
}
