/* copy: what the tests of copies share: streams that are made field by field, whole or wrong, and
 * received beneath a folder. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_COPY_H
#define CLOISTER_TESTS_LIB_COPY_H

#include "runtime/channel/copy_member.h"
#include "runtime/channel/copy_receive.h"
#include "runtime/channel/copy_send.h"
#include "runtime/channel/fields.h"

#define SCRIPT_MAX 131072

/* The time of members in scripts. */
#define SCRIPT_SECONDS     1234567890
#define SCRIPT_NANOSECONDS 123456789

struct script {
	uint8_t bytes[SCRIPT_MAX];
	struct field_writer writer;
};

void script_begin(struct script *script);

/* Single fields. */
void script_name(struct script *script, const char *name);
void script_number(struct script *script, uint32_t tag, uint32_t number);
void script_time(struct script *script, int64_t seconds, uint32_t nanoseconds);
void script_close(struct script *script); /* the description */
void script_digest(struct script *script, const char *text);

/* Whole members. */
void script_describe(
	struct script *script, const char *name, uint32_t kind, mode_t mode, const char *link);
void script_file(struct script *script, const char *name, const char *text);
void script_folder(struct script *script, const char *name);

/* A file as scripts describe it; the question whether it is there; one that stays as it is; and one
 * that goes on with `rest` behind a part that is said to have this text. */
struct copy_member script_member(const char *name, uint64_t size);
void script_ask(struct script *script, const char *name, uint64_t size);
void script_stay(struct script *script, const char *name, uint64_t size);
void script_go_on(struct script *script, const char *name, const char *text, const char *rest,
	const char *whole);

/* Options that receive beneath `folder`: into it where `last` is "". The stream is not set. */
struct copy_receive_options receive_into(int folder, const char *last);

/* Receives the first `size` bytes of a stream. */
int receive_bytes(struct copy_receive_options *options, const uint8_t *bytes, size_t size,
	struct copy_outcome *outcome);

/* A descriptor that has these bytes, then its end. */
int stream_of(const uint8_t *bytes, size_t size);

/* Fails the test unless the script is received as a whole; or unless it fails with this reason. */
void assert_received(struct copy_receive_options *options, const struct script *script);
void assert_refused(
	struct copy_receive_options *options, const struct script *script, uint32_t reason);

/* Sends to a file in memory, which becomes the options' stream. */
int send_to_memory(struct copy_send_options *options, struct copy_outcome *outcome);

/* Reads a stream that was sent to a file in memory, and checks its digests: a line for each member,
 * 'name' kind mode time size 'link', and one for the bytes of a file. To be freed. */
char *list_stream(int stream);

/* Fails the test unless this list is sent; or unless sending fails with this reason. */
void assert_sent(
	struct copy_send_options *options, struct copy_outcome *outcome, const char *expected);
void assert_not_sent(
	struct copy_send_options *options, struct copy_outcome *outcome, uint32_t reason);

#endif
