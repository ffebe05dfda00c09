/* doctor: whether this machine can run enclaves, found out before a run, and by use where that is
 * possible. Each finding is of one backend, or of all. */
#ifndef CLOISTER_HOST_ENCLAVE_DOCTOR_H
#define CLOISTER_HOST_ENCLAVE_DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCTOR_FINDINGS_MAX 32u
#define DOCTOR_TEXT_MAX     320u

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct finding {
	const char *backend, *check;
	enum doctor_level level;
	char what[DOCTOR_TEXT_MAX]; /* was found */
	char why[DOCTOR_TEXT_MAX];  /* it matters; empty where all is well */
	char mend[DOCTOR_TEXT_MAX]; /* a command, or what a person is to do */
};

struct doctor {
	const char *root; /* in front of /dev, /etc, /proc and /sys; "" for this machine */
	uint32_t memory;  /* MiB that an enclave is to have */
	struct finding findings[DOCTOR_FINDINGS_MAX];
	unsigned count;
};

/* Adds a finding, and returns it for doctor_why and doctor_mend. */
struct finding *doctor_find(struct doctor *doctor, const char *backend, const char *check,
	enum doctor_level level, const char *format, ...) __attribute__((format(printf, 5, 6)));
void doctor_why(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_mend(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What stands in front of a path of the machine. */
void doctor_path(const struct doctor *doctor, char path[PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reads the first bytes of a file as text, without the white space at its end. False: it can't be
 * read, and errno says why. */
bool doctor_text(const struct doctor *doctor, char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Reads a number of up to 15 digits behind blanks. Returns what is behind it, or null. */
const char *doctor_number(const char *text, unsigned long long *number);

/* The checks. */
void doctor_check_machine(struct doctor *doctor); /* doctor_machine.c: memory, kernel */
void doctor_check_use(struct doctor *doctor);     /* doctor_use.c: KVM, QEMU, vsock, ... */
void doctor_check_parent(struct doctor *doctor);  /* doctor_parent.c: what nitro-cli needs */
void doctor_check_pool(struct doctor *doctor);    /* doctor_pool.c: CPUs for enclaves */

#endif
