/* net: what the unit tests of runtime/net share: a folder, a loop whose clock stands still until
 * the test sets it, and real connections. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_NET_H
#define CLOISTER_TESTS_LIB_NET_H

#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"
#include "runtime/net/connect.h"
#include "runtime/net/listener.h"
#include "runtime/net/socket_stream.h"

struct net {
	struct loop *loop;
	char folder[64]; /* empty at first, removed with all that is in it */
	uint64_t now;    /* what the loop's clock says */
	struct fault fault;
};

extern struct net net; /* of the test that runs */

/* Setup and teardown: the teardown fails where the test left descriptors behind. A test that hangs
 * is ended by a signal. */
int net_open(void **state);
int net_close(void **state);

#define NET_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, net_open, net_close)

/* The address of a text in which %s is the test's folder. */
struct address net_address(const char *text);

void net_turn(void);                 /* one turn that does not wait */
void net_until(const bool *happens); /* turns, until it is true */

/* A listener that keeps what it accepted. */
struct accepting {
	struct listener listener;
	int accepted[64];
	unsigned count;
	bool some; /* count is above 0 */
};

void net_listen(struct accepting *accepting, const struct address *address, unsigned connections);

/* Closes the listener and what was accepted, but for what the test took: those are -1. */
void net_listen_no_more(struct accepting *accepting);

/* A connector that keeps what came of it. */
struct connecting {
	struct connector connector;
	bool done;
	int fd;
	struct fault fault;
};

/* Starts to connect; `done` tells when it has. */
void net_connect(struct connecting *connecting, const struct address *address, uint64_t time);

/* Connects, and fails the test where that fails. */
int net_connected(const struct address *address);

/* Where a TCP listener of port 0 listens. */
struct address net_address_of(const struct accepting *accepting, const char *host);

/* The forms of address that the tests of streams go through, from 0; null behind the last. Ports
 * are 0, which is any. */
const char *net_form(unsigned index);

/* Both ends of a connection through an address of that form: [0] connected, [1] accepted. */
void net_pair(const char *form, int ends[2]);

/* Asserts that listening there fails with a fault of that word. */
void net_refused(const struct address *address, const char *word);

/* Asserts that a byte that is written to one is read at the other. */
void net_joined(int from, int to);

/* Asserts that the address can be listened on and dialled, and that bytes go both ways; `dialled`
 * is null where it is the same address. */
void net_served(struct address address, const struct address *dialled);

#endif
