/* size: how much memory an enclave wants, by its image (spec/eif.md, Memory). */
#ifndef CLOISTER_RUNTIME_EIF_SIZE_H
#define CLOISTER_RUNTIME_EIF_SIZE_H

#include <stdbool.h>
#include <stdio.h>

#include "runtime/eif/reader.h"

#define SIZE_RUN_TIME     64u       /* MiB for what runs, where nobody says better */
#define SIZE_RUN_TIME_MAX 16777216u /* MiB */

struct size_need {
	uint64_t image;    /* bytes of the file */
	uint64_t ramdisks; /* bytes of it that are unpacked to memory */
	bool compressed;   /* a ramdisk is, so that it unpacks to more */
	uint64_t demanded; /* MiB, without which nitro-cli refuses (E26): 4 times the image */
	uint64_t run_time; /* MiB */
	uint64_t advised;  /* MiB: twice the ramdisks and the run time, or what is demanded */
};

/* Judges an open image. run_time: MiB, SIZE_RUN_TIME_MAX at most. */
void size_of(const struct image *image, uint32_t run_time, struct size_need *need);

/* Prints it, for people or as JSON. Fault: "io". */
int size_print(FILE *file, const struct size_need *need, bool as_json, struct fault *fault);

/* The verb `size` of whoever has it: `program` is its name. Returns 0, 1 for `--help`, or -1.
 * Faults: "usage", those of image_open, "io". */
int size_verb(const char *program, int count, char **arguments, struct fault *fault);

#endif
