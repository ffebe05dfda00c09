/* ping: the verb that measures how long an answer takes. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"
#include "runtime/client/connection.h"

#define COUNT_MAX 100000u

static const char help[] =
	"usage: pipeline ping [-c COUNT]\n"
	"\n"
	"Greets the listener, and measures the time to its answer to a PING.\n"
	"\n"
	"  -c COUNT   measure so often, one after the other; by default once\n"
	"  --json     {\"address\", \"attested\", \"count\", \"least\", \"median\", \"most\"}:\n"
	"             times are in nanoseconds\n"
	"  --quiet    print nothing: the exit code tells\n";

struct ping {
	struct connection connection;
	struct timer patience; /* for one answer */
	uint64_t *times;
	uint32_t count, wanted;
	bool is_late;
};

static void ask(struct ping *ping)
{
	struct connection *connection = &ping->connection;

	timer_start(&ping->patience, connection->loop, connection->patience);
	slc_ping(connection->slc);
}

static void measured(struct connection *connection, uint64_t nanoseconds)
{
	struct ping *ping = connection->user;

	timer_stop(&ping->patience);
	ping->times[ping->count++] = nanoseconds;
	if (ping->count < ping->wanted)
		ask(ping);
}

static void late(struct timer *timer)
{
	((struct ping *)((char *)timer - offsetof(struct ping, patience)))->is_late = true;
}

static int measure(struct ping *ping, const struct options *options, struct failure *failure)
{
	struct connection *connection = &ping->connection;

	connection->measured = measured;
	connection->user = ping;
	ping->patience.fired = late;
	if (options_connect(options, connection, failure) != 0)
		return -1;
	ask(ping);
	while (ping->count < ping->wanted && !connection->is_closed && !ping->is_late)
		if (connection_turn(connection, failure) != 0)
			return -1;
	timer_stop(&ping->patience);
	if (ping->is_late)
		return failure_reason(failure, SLC_REASON_TIMEOUT, "no answer to a PING in time");
	return connection->is_closed ? connection_failure(connection, failure) : 0;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static int print(struct ping *ping, const struct options *options, struct failure *failure)
{
	char address[ADDRESS_TEXT_MAX];
	uint64_t *times = ping->times;
	uint64_t least, median, most;

	address_print(&ping->connection.address, address);
	qsort(times, ping->count, sizeof *times, compare);
	least = times[0];
	median = times[(ping->count - 1) / 2];
	most = times[ping->count - 1];
	if (options->json)
		return output_json(
			json_pack("{s:o, s:b, s:I, s:I, s:I, s:I}", "address", output_text(address),
				"attested", ping->connection.is_attested, "count",
				(json_int_t)ping->count, "least", (json_int_t)least, "median",
				(json_int_t)median, "most", (json_int_t)most),
			&failure->fault);
	if (options->quiet)
		return 0;
	print_escaped(stdout, address);
	printf(": %u %s, least %.3f ms, median %.3f ms, most %.3f ms\n", ping->count,
		ping->count == 1 ? "answer" : "answers", (double)least / 1e6, (double)median / 1e6,
		(double)most / 1e6);
	return output_finish(&failure->fault);
}

static int run(uint32_t wanted, const struct options *options, struct failure *failure)
{
	struct ping *ping = calloc(1, sizeof *ping);
	int status = -1;

	if (ping != NULL)
		ping->times = calloc(wanted, sizeof *ping->times);
	if (ping == NULL || ping->times == NULL) {
		free(ping);
		return fault_set(&failure->fault, "memory", "no memory for %u answers", wanted);
	}
	ping->wanted = wanted;
	status = measure(ping, options, failure);
	connection_close(&ping->connection);
	if (status == 0)
		status = print(ping, options, failure);
	free(ping->times);
	free(ping);
	return status;
}

int verb_ping(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {0}};
	uint32_t wanted = 1;
	int code;

	while ((code = getopt_long(count, arguments, "c:", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if ((code == 'c' ? options_number("-c", optarg, COUNT_MAX, &wanted, failure)
				 : options_take(options, code, "ping", arguments, failure)) != 0)
			return -1;
	}
	if (optind != count)
		return fault_set(&failure->fault, "usage", "ping takes no arguments");
	return run(wanted, options, failure);
}
