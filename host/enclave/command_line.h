/* command_line: what of an image's kernel command line reaches its /init. The kernel hands on what
 * it does not know, as environment and arguments; since the sandbox has no kernel to know words,
 * those are taken that are certainly not the kernel's. */
#ifndef CLOISTER_HOST_ENCLAVE_COMMAND_LINE_H
#define CLOISTER_HOST_ENCLAVE_COMMAND_LINE_H

#include "runtime/eif/reader.h"
#include "runtime/kernel/fault.h"

#define COMMAND_LINE_WORDS 32u /* each of arguments and environment; the kernel has as many */

struct command_line {
	char *text;                              /* owns all words; freed by nobody: exec follows */
	char *arguments[COMMAND_LINE_WORDS + 2]; /* "/init", then what stands behind `--` */
	const char
		*environment[COMMAND_LINE_WORDS + 4]; /* ours, then NAME=VALUE, NAME in capitals */
};

/* Reads the image's section. `ours` ends with null and comes first, so that the image does not
 * change it. Faults: those of image_section, "cmdline" for too many words. */
int command_line_read(struct command_line *line, const struct image *image,
	const char *const ours[], struct fault *fault);

#endif
