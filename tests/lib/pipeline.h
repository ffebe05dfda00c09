/* pipeline: a listener for tests of the client `pipeline`, which does what the request says, wrong
 * things among them, and runs the client against it. Include it behind cmocka's headers.
 *
 * It serves exec and attest with the real session engine. The first word of a command is what the
 * listener does; the command after `exec --` is one of
 *   status N            ends with this status
 *   nothing N R         ends with status N, with the reason R and a text: nothing ran
 *   refuse R, reset R   answers so, with a text
 *   echo                sends the input back, then ends with 0
 *   both N              N bytes of 'o' on the output, N of 'e' on the other, then 0
 *   flood               output without end
 *   hold                does nothing until a signal comes, then ends with 128 + its number
 *   deaf                the same, and takes no input
 *   vanish              closes the connection
 */
#ifndef CLOISTER_TESTS_LIB_PIPELINE_H
#define CLOISTER_TESTS_LIB_PIPELINE_H

#include "runtime/channel/link.h"
#include "runtime/net/listener.h"
#include "runtime/net/socket_stream.h"
#include "tests/lib/child.h"

#define PIPELINE_KEPT 262144u

/* One connection; the listener serves one client at a time. */
struct pipeline_server {
	/* A test's own way to serve what is not exec and attest; null: they are refused. */
	void (*serve)(struct pipeline_server *server, struct channel *channel, uint32_t type,
		const uint8_t *fields, size_t size);

	struct loop *loop;
	struct listener listener;
	char folder[64], address[128];

	struct slc *slc; /* null: nobody is there */
	struct link link;
	struct socket_stream socket;
	struct channel *channel;
	char words[4][32]; /* of the command */
	uint8_t *kept;     /* input that was not sent back */
	size_t kept_size;
	size_t to_send[2]; /* bytes of the outputs; SIZE_MAX: without end */
	bool is_input_over;
	bool is_gone; /* the connection is to be closed */

	/* To read. */
	unsigned sessions; /* that were opened */
	unsigned channels; /* that were asked for */
	unsigned lost;     /* that ended without an orderly end */
	uint32_t reset;    /* the reason of the newest reset of a channel by the client */
	size_t received;   /* bytes of input */
};

/* One turn of its loop, for who waits for something. */
void pipeline_server_turn(struct pipeline_server *server);

/* What came of one run of the client. */
struct pipeline_result {
	struct told told;
	int in, out, err;                /* files without names */
	char output[4096], errors[4096]; /* their beginnings, terminated */
	size_t output_size;
};

/* Setup and teardown: *state is a struct pipeline_server at a Unix socket. */
int pipeline_server_open(void **state);
int pipeline_server_close(void **state);

#define PIPELINE_TEST(NAME)                                                                        \
	cmocka_unit_test_setup_teardown(NAME, pipeline_server_open, pipeline_server_close)

/* A descriptor to read the text from. */
int pipeline_input(const char *text);

/* The client's path, absolute, to be freed. */
char *pipeline_program(void);

/* Starts the client, without TLS, with these arguments, the last one null. Its input is the
 * descriptor, which is closed by pipeline_wait; the environment has CLOISTER_ADDR. */
void pipeline_start(struct pipeline_server *server, struct pipeline_result *result, int input,
	const char *const *arguments);

/* Turns until it has ended, and reads what it has printed. */
void pipeline_wait(struct pipeline_server *server, struct pipeline_result *result);

/* Both. Returns the exit code; 1000 + n after a signal. */
int pipeline_run(struct pipeline_server *server, struct pipeline_result *result, const char *input,
	const char *const *arguments);

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(...)   pipeline_run(server, &result, "", WORDS(__VA_ARGS__))

#endif
