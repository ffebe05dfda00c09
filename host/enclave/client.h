/* client: what the verbs say to a supervisor and hear from it (control.h). */
#ifndef CLOISTER_HOST_ENCLAVE_CLIENT_H
#define CLOISTER_HOST_ENCLAVE_CLIENT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/kernel/fault.h"

#define CLIENT_LINE_MAX 16384u /* bytes of one */

/* Connects to the supervisor of a state folder and says `request`. Returns a descriptor. Faults:
 * those of connect.h; "not_found" when it has just ended. */
int client_open(const char *folder, char request, struct fault *fault);

/* Reads a line, a byte at a time, so that what follows it stays. Returns 1 with *json, which the
 * caller owns, or 0 at the end, or -1. Fault: "io". */
int client_line(int fd, json_t **json, struct fault *fault);

/* The same, until a time of CLOCK_MONOTONIC, in nanoseconds; UINT64_MAX for any. Fault: "late". */
int client_line_until(int fd, uint64_t until, json_t **json, struct fault *fault);

/* The event's name, or "". */
const char *client_event(const json_t *json);

/* Sets the fault that a "failed" or "refused" event tells of, and prints what the console said last
 * on stderr. Always returns -1. */
int client_failed(const json_t *json, struct fault *fault);

/* Shows the console of a supervisor that was asked for it, until that or standard input ends. */
int client_console(int fd, struct fault *fault);

#endif
