/* request: what a client asks for when it opens a channel, as fields of OPEN (spec/slc.md): whether
 * this service takes it, and what it says. The front checks and answers the client; the broker
 * checks again before it acts. */
#ifndef CLOISTER_SERVICES_SLC_REQUEST_H
#define CLOISTER_SERVICES_SLC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/slc_field.h"
#include "fsm/slc_reason.h"
#include "runtime/channel/copy_exclude.h"
#include "runtime/channel/copy_share.h"
#include "runtime/channel/protocol.h"
#include "runtime/net/address.h"

#define REQUEST_SIZE_MAX       65536u /* bytes of its fields */
#define REQUEST_PATH_MAX       4095u
#define REQUEST_NONCE_MAX      512u /* of user data too */
#define REQUEST_PUBLIC_KEY_MAX 1024u
#define REQUEST_VARIABLES_MAX  256u      /* of an exec's environment */
#define REQUEST_USER_MAX       64u       /* bytes of a user's name */
#define REQUEST_TERMINAL_MAX   64u       /* bytes of a terminal's name */
#define REQUEST_WINDOW_MAX     65535u    /* columns, rows, pixels */
#define REQUEST_TIME_MAX       31536000u /* seconds */

#define REQUEST_VERB_MAX 16u /* bytes of a control's verb */
#define REQUEST_FOLLOW   1u  /* bit of the options of logs: go on until the job ends */

#define REQUEST_OPTIONS_MAX 31u /* all bits of enum slc_copy_option */

/* For request_check: whether a control's verb has the fields that were seen, a bit for each: 1 the
 * verb, 2 job, 4 signal, 8 options. */
uint32_t request_check_verb(const uint8_t *fields, size_t size, unsigned seen, const char **text);

/* Whether it can be done: SLC_REASON_NONE, or why not: `unknown` (the type of channel, or a field),
 * `request` (broken, incomplete, contradictory). `text` is then for the client's person. */
uint32_t request_check(uint32_t type, const uint8_t *fields, size_t size, const char **text);

/* Whether such a channel reads or changes anything of the enclave: then register 18 is marked
 * before it may, and the log has a record of it (spec/audit.md). */
bool request_enters(uint32_t type);

/* What a put or get names. */
struct request_path {
	char name[REQUEST_PATH_MAX + 1u];
	uint32_t options;
	bool is_plain; /* it leads through no symbolic link */
	struct copy_share share;
	char pattern[COPY_EXCLUDES_MAX][COPY_EXCLUDE_MAX + 1u]; /* of a get: what is left out */
	unsigned patterns;
};

/* Which part of a copy that several sessions share; -1: the field says none. */
struct field;
int request_share(struct copy_share *share, const struct field *field);

/* Expect fields that request_check lets pass, and return -1 where they find others. */
int request_path(struct request_path *path, const uint8_t *fields, size_t size);
int request_target(struct address *target, const uint8_t *fields, size_t size);
int request_place(struct address *place, const uint8_t *fields, size_t size);

#endif
