/* datagram: UDP and Unix datagrams: batches, sizes, what is dropped, who sent it. */
#include "runtime/net/datagram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/net/unix_path.h"
#include "tests/lib/net.h"

#define MOST 1500u

/* A socket that keeps what it received. */
struct receiving {
	struct datagram_socket socket;
	uint8_t buffer[DATAGRAM_BATCH * MOST];
	uint8_t last[MOST];
	size_t last_size;
	struct endpoint last_from;
	unsigned count, batches, largest;
	size_t bytes;
	bool some;
};

static struct receiving server, client;

static void keep(struct datagram_socket *socket, const struct datagram *list, unsigned count)
{
	struct receiving *receiving = (struct receiving *)socket;

	receiving->batches++;
	receiving->count += count;
	if (count > receiving->largest)
		receiving->largest = count;
	for (unsigned i = 0; i < count; i++) {
		receiving->bytes += list[i].size;
		memcpy(receiving->last, list[i].bytes, list[i].size);
		receiving->last_size = list[i].size;
		receiving->last_from = *list[i].from;
	}
	receiving->some = true;
}

static void receive_at(struct receiving *receiving, const char *text)
{
	struct address address = net_address(text);

	memset(receiving, 0, sizeof *receiving);
	receiving->socket.arrived = keep;
	if (datagram_open(&receiving->socket, net.loop, &address, 0, receiving->buffer, MOST,
		    &net.fault) != 0)
		fail_msg("%s", net.fault.text);
}

/* Where the server receives. */
static struct endpoint target(const char *text)
{
	struct address address = net_address(text);
	struct endpoints endpoints;
	struct endpoint endpoint;
	int held;

	if (unix_path_is(&address)) {
		assert_int_equal(unix_path_target(&address, &endpoint, &held, &net.fault), 0);
		assert_int_equal(held, -1);
		return endpoint;
	}
	address.port = server.socket.port;
	assert_int_equal(address_resolve(&address, &endpoints, &net.fault), 0);
	return endpoints.list[0];
}

static void send_to(const struct endpoint *to, const void *bytes, size_t size)
{
	assert_int_equal(datagram_send(&client.socket, to, bytes, size, &net.fault), STREAM_DONE);
}

static void close_both(void)
{
	datagram_close(&client.socket);
	datagram_close(&server.socket);
}

static const struct {
	const char *server, *client;
} forms[] = {
	{"tcp:127.0.0.1:0", "tcp:127.0.0.1:0"},
	{"tcp:[::1]:0", "tcp:[::1]:0"},
	{"unix:%s/server", "unix:%s/client"},
	{"unix:@%s/server", "unix:@cloister/client"},
};

static void a_datagram_can_be_answered_to_where_it_came_from(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct endpoint to;

		receive_at(&server, forms[i].server);
		receive_at(&client, forms[i].client);
		to = target(forms[i].server);
		send_to(&to, "question", 8);
		net_until(&server.some);
		assert_int_equal(server.last_size, 8);
		assert_memory_equal(server.last, "question", 8);
		assert_int_equal(
			datagram_send(&server.socket, &server.last_from, "answer", 6, &net.fault),
			STREAM_DONE);
		net_until(&client.some);
		assert_memory_equal(client.last, "answer", 6);
		close_both();
	}
}

static void many_come_in_batches(void **unused)
{
	struct endpoint to;

	(void)unused;
	receive_at(&server, "unix:%s/server");
	receive_at(&client, "unix:%s/client");
	to = target("unix:%s/server");
	for (unsigned i = 0; i < 5; i++)
		send_to(&to, "0123456789", i);
	net_turn();
	assert_int_equal(server.count, 5);
	assert_int_equal(server.batches, 1);
	assert_int_equal(server.bytes, 0 + 1 + 2 + 3 + 4);
	close_both();
}

static void no_batch_is_larger_than_its_limit(void **unused)
{
	struct endpoint to;

	(void)unused;
	receive_at(&server, "tcp:127.0.0.1:0");
	receive_at(&client, "tcp:127.0.0.1:0");
	to = target("tcp:127.0.0.1:0");
	for (unsigned i = 0; i < 40; i++)
		send_to(&to, "0123456789", 10);
	while (server.count < 40)
		net_turn();
	assert_in_range(server.largest, 1, DATAGRAM_BATCH);
	assert_in_range(server.batches, 3, 40);
	assert_int_equal(server.bytes, 400);
	close_both();
}

static void one_that_is_too_large_is_counted_and_dropped(void **unused)
{
	static uint8_t large[MOST + 1];

	(void)unused;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct endpoint to;

		receive_at(&server, forms[i].server);
		receive_at(&client, forms[i].client);
		to = target(forms[i].server);
		send_to(&to, large, MOST + 1);
		send_to(&to, large, MOST);
		send_to(&to, large, MOST + 1);
		send_to(&to, "", 0);
		while (server.count < 2)
			net_turn();
		assert_int_equal(server.count, 2);
		assert_int_equal(server.bytes, MOST);
		assert_int_equal(server.socket.truncated, 2);
		close_both();
	}
}

static void nothing_is_received_while_it_is_not_wanted(void **unused)
{
	struct endpoint to;

	(void)unused;
	receive_at(&server, "unix:%s/server");
	receive_at(&client, "unix:%s/client");
	to = target("unix:%s/server");
	datagram_receive(&server.socket, false);
	send_to(&to, "x", 1);
	for (int i = 0; i < 10; i++)
		net_turn();
	assert_false(server.some);
	datagram_receive(&server.socket, true);
	net_until(&server.some);
	close_both();
}

static void a_receiver_that_is_full_or_gone_is_told_to_the_sender(void **unused)
{
	enum stream_result result;
	struct endpoint to;

	(void)unused;
	receive_at(&server, "unix:%s/server");
	receive_at(&client, "unix:%s/client");
	to = target("unix:%s/server");
	datagram_receive(&server.socket, false);
	do {
		result = datagram_send(&client.socket, &to, "x", 1, &net.fault);
	} while (result == STREAM_DONE);
	assert_int_equal(result, STREAM_AGAIN);
	datagram_close(&server.socket);
	assert_int_equal(datagram_send(&client.socket, &to, "x", 1, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "refused");
	datagram_close(&client.socket);
}

static void what_no_datagram_can_hold_is_not_sent(void **unused)
{
	uint8_t *large = calloc(1, 70000);
	struct endpoint to;

	(void)unused;
	receive_at(&server, "tcp:127.0.0.1:0");
	receive_at(&client, "tcp:127.0.0.1:0");
	to = target("tcp:127.0.0.1:0");
	assert_int_equal(
		datagram_send(&client.socket, &to, large, 70000, &net.fault), STREAM_FAILED);
	assert_string_equal(net.fault.word, "size");
	close_both();
	free(large);
}

static void close_and_free(
	struct datagram_socket *socket, const struct datagram *list, unsigned count)
{
	bool *freed = socket->user;

	(void)list;
	assert_int_equal(count, 3);
	datagram_close(socket);
	free(socket);
	*freed = true;
}

static void a_socket_may_be_freed_when_something_arrives(void **unused)
{
	struct datagram_socket *socket = calloc(1, sizeof *socket);
	struct address address = net_address("unix:%s/server");
	bool freed = false;
	struct endpoint to;

	(void)unused;
	socket->arrived = close_and_free;
	socket->user = &freed;
	assert_int_equal(
		datagram_open(socket, net.loop, &address, 0, server.buffer, MOST, &net.fault), 0);
	receive_at(&client, "unix:%s/client");
	to = target("unix:%s/server");
	for (int i = 0; i < 3; i++)
		send_to(&to, "x", 1);
	net_until(&freed);
	datagram_close(&client.socket);
}

static void only_udp_and_unix_have_datagrams(void **unused)
{
	static const char *const others[] = {"vsock:any:5005", "hybrid:%s/v.sock:5005"};

	(void)unused;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct address address = net_address(others[i]);

		assert_int_equal(datagram_open(&server.socket, net.loop, &address, 0, server.buffer,
					 MOST, &net.fault),
			-1);
		assert_string_equal(net.fault.word, "address");
		datagram_close(&server.socket);
	}
}

static void the_file_of_a_socket_goes_with_it(void **unused)
{
	char path[128];

	(void)unused;
	(void)snprintf(path, sizeof path, "%s/server", net.folder);
	receive_at(&server, "unix:%s/server");
	assert_int_equal(access(path, F_OK), 0);
	datagram_close(&server.socket);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(a_datagram_can_be_answered_to_where_it_came_from),
		NET_TEST(many_come_in_batches),
		NET_TEST(no_batch_is_larger_than_its_limit),
		NET_TEST(one_that_is_too_large_is_counted_and_dropped),
		NET_TEST(nothing_is_received_while_it_is_not_wanted),
		NET_TEST(a_receiver_that_is_full_or_gone_is_told_to_the_sender),
		NET_TEST(what_no_datagram_can_hold_is_not_sent),
		NET_TEST(a_socket_may_be_freed_when_something_arrives),
		NET_TEST(only_udp_and_unix_have_datagrams),
		NET_TEST(the_file_of_a_socket_goes_with_it),
	};

	return cmocka_run_group_tests_name("datagram", tests, NULL, NULL);
}
