/* qemu_find: a QEMU that has the machine nitro-enclave. */
#ifndef CLOISTER_HOST_ENCLAVE_QEMU_FIND_H
#define CLOISTER_HOST_ENCLAVE_QEMU_FIND_H

#include <limits.h>
#include <stdbool.h>

#include "runtime/kernel/fault.h"

/* The first that is there: `wanted` unless it is null, CLOISTER_QEMU's, the one that `make qemu`
 * has left in the cache, one on PATH that lists the machine. The first two are taken as they are.
 * Fault: "qemu", which says how to get one. */
int qemu_find(const char *wanted, char program[PATH_MAX], struct fault *fault);

/* QEMU's own filter of system calls: it starts no program, changes no user and no scheduling. */
#define QEMU_FILTER "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

/* Whether that QEMU was built with it. */
bool qemu_has_filter(const char *program);

/* Whether KVM can be used: it makes a machine with a processor, and has hardware for that (vmx or
 * svm). A device node alone says nothing. */
bool qemu_has_kvm(void);

#endif
