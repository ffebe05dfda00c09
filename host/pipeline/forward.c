/* forward: the verb that leads connections through a session, until it is told to end. */
#include "host/pipeline/forward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/forward_spec.h"
#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/reason.h"

#define EXIT_CANNOT_LISTEN 73

static const char help[] =
	"usage: pipeline forward [-L LISTEN:TARGET | -R LISTEN:TARGET | -D LISTEN]...\n"
	"\n"
	"Listens here, and leads each connection to a target there; or the other way round. As\n"
	"far as the key may be led, or listen (spec/keys.md). All connections share one session.\n"
	"Goes on until SIGINT or SIGTERM.\n"
	"\n"
	"  -L LISTEN:TARGET   LISTEN: PORT (of 127.0.0.1), HOST:PORT, unix:PATH, unix:@NAME,\n"
	"                     or any other address; with port 0 one is chosen, and printed\n"
	"                     TARGET: HOST:PORT, tcp:..., unix:PATH, vsock:CID:PORT; names are\n"
	"                     looked up there\n"
	"  -R LISTEN:TARGET   LISTEN is there, and no name; TARGET is here\n"
	"  -D LISTEN          SOCKS5: each client says which HOST:PORT it wants\n"
	"  --ready-fd N       write a newline to this descriptor once all listen\n"
	"  --json             {\"attested\",\n"
	"                     \"listening\": [{\"option\", \"address\", \"target\"}]}\n"
	"  --quiet            do not say what listens, nor which connection fails\n";

/* --- Saying what listens ---------------------------------------------------------------------- */

static json_t *as_json(const struct forwarding *all)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < all->count; i++) {
		const struct way *way = &all->ways[i];
		const char option[] = {'-', way->letter, '\0'};
		char text[ADDRESS_TEXT_MAX];
		json_t *row;

		address_print(&way->listen, text);
		row = json_pack("{s:s, s:o}", "option", option, "address", output_text(text));
		if (way->letter != 'D') {
			address_print(&way->target, text);
			(void)json_object_set_new(row, "target", output_text(text));
		}
		(void)json_array_append_new(list, row);
	}
	return json_pack("{s:b, s:o}", "attested", all->connection.is_attested, "listening", list);
}

static void print(const struct forwarding *all)
{
	for (unsigned i = 0; i < all->count; i++) {
		const struct way *way = &all->ways[i];
		char text[ADDRESS_TEXT_MAX];

		address_print(&way->listen, text);
		fputs(way->letter == 'R' ? "listening there on " : "listening on ", stdout);
		print_escaped(stdout, text);
		if (way->letter == 'D') {
			fputs(", leading where SOCKS clients want", stdout);
		} else {
			fputs(", leading to ", stdout);
			address_print(&way->target, text);
			print_escaped(stdout, text);
		}
		putchar('\n');
	}
}

static int tell_ready(const struct forwarding *all, struct fault *fault)
{
	int status = 0;

	if (all->options->json)
		status = output_json(as_json(all), fault);
	else if (!all->options->quiet)
		print(all);
	if (status == 0)
		status = output_finish(fault);
	if (status == 0 && all->ready != 0 && write((int)all->ready, "\n", 1) != 1)
		return fault_io(fault, errno, "descriptor %u of --ready-fd", all->ready);
	if (all->ready > STDERR_FILENO)
		(void)close((int)all->ready);
	return status;
}

/* --- The verb --------------------------------------------------------------------------------- */

static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct forwarding *all =
		(struct forwarding *)((char *)signals - offsetof(struct forwarding, signals));

	(void)number;
	(void)sender;
	all->is_stopping = true;
}

/* What listens there is refused, or ended. */
static int failed_there(const struct forwarding *all, struct failure *failure)
{
	return failure_reason(failure, all->reason, "nobody can listen there: %s",
		*all->text != '\0' ? all->text : slc_reason_word(all->reason));
}

static bool are_open_there(const struct forwarding *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->ways[i].letter == 'R' && !way_is_open_there(&all->ways[i]))
			return false;
	return true;
}

static int open_all_there(struct forwarding *all, struct failure *failure)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->ways[i].letter == 'R' &&
			way_open_there(&all->ways[i], &failure->fault) != 0)
			return -1;
	while (!are_open_there(all) && !all->has_failed && !all->is_stopping &&
		!all->connection.is_closed)
		if (connection_turn(&all->connection, failure) != 0)
			return -1;
	return all->has_failed ? failed_there(all, failure) : 0;
}

static int open_all(struct forwarding *all, struct failure *failure)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, 0};

	all->connection.channels = FORWARD_CONNECTIONS;
	all->connection.user = all;
	all->connection.asked = way_asked;
	all->signals.arrived = signalled;
	if (options_connect(all->options, &all->connection, failure) != 0 ||
		heed(&all->signals, all->connection.loop, numbers, &failure->fault) != 0)
		return -1;
	for (unsigned i = 0; i < all->count; i++)
		if (all->ways[i].letter != 'R' && way_open(&all->ways[i], &failure->fault) != 0) {
			failure->other_code = EXIT_CANNOT_LISTEN;
			return -1;
		}
	if (open_all_there(all, failure) != 0)
		return -1;
	return all->is_stopping || all->connection.is_closed ? 0 : tell_ready(all, &failure->fault);
}

static int run(struct forwarding *all, struct failure *failure)
{
	struct connection *connection = &all->connection;

	if (open_all(all, failure) != 0)
		return -1;
	while (!all->is_stopping && !connection->is_closed && !all->has_failed)
		if (connection_turn(connection, failure) != 0)
			return -1;
	if (all->is_stopping)
		return 0;
	return connection->is_closed ? connection_failure(connection, failure)
				     : failed_there(all, failure);
}

static int run_and_end(struct forwarding *all, struct failure *failure)
{
	int status = run(all, failure);

	all->is_stopping = true;
	for (unsigned i = 0; i < all->count; i++) {
		way_close(&all->ways[i]);
		way_close_there(&all->ways[i]);
	}
	passages_stop(all);
	signals_stop(&all->signals);
	connection_close(&all->connection);
	return status;
}

static int parse(struct way *way, const char *text, struct fault *fault)
{
	if (way->letter != 'D')
		return forward_spec_parse(text, &way->listen, &way->target, fault);
	if (forward_spec_listen(text, &way->listen, fault) == 0)
		return 0;
	return fault_set(fault, "usage", "'%.300s' is no LISTEN, as 1080 or unix:/tmp/s", text);
}

static int take_way(struct forwarding *all, int letter, const char *text, struct fault *fault)
{
	struct way *way = &all->ways[all->count];

	if (all->count == FORWARD_WAYS)
		return fault_set(fault, "usage", "forward: at most %u ways", FORWARD_WAYS);
	way->all = all;
	way->letter = (char)letter;
	if (parse(way, text, fault) != 0 ||
		address_stand_in(way->letter == 'R' ? &way->target : &way->listen,
			getenv("CLOISTER_VSOCK_DIR"), fault) != 0)
		return -1;
	all->count++;
	return 0;
}

static int take_options(struct forwarding *all, struct options *options, int count,
	char **arguments, struct failure *failure)
{
	static const struct option table[] = {
		{"ready-fd", required_argument, NULL, 'r'}, OPTIONS_COMMON, {0}};
	int code, status = 0;

	while (status == 0 && (code = getopt_long(count, arguments, "L:R:D:", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 1;
		}
		if (code == 'L' || code == 'R' || code == 'D')
			status = take_way(all, code, optarg, &failure->fault);
		else if (code == 'r')
			status = options_number("--ready-fd", optarg, 1023, &all->ready, failure);
		else
			status = options_take(options, code, "forward", arguments, failure);
	}
	if (status == 0 && optind != count)
		return fault_set(
			&failure->fault, "usage", "forward: '%s' is no option", arguments[optind]);
	if (status == 0 && all->count == 0)
		return fault_set(&failure->fault, "usage",
			"forward: give -L LISTEN:TARGET, -R LISTEN:TARGET or -D LISTEN");
	return status;
}

int verb_forward(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct forwarding *all = calloc(1, sizeof *all);
	int status;

	if (all == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	all->options = options;
	LIST_INIT(&all->passages);
	status = take_options(all, options, count, arguments, failure);
	if (status == 0)
		status = run_and_end(all, failure);
	else if (status > 0)
		status = 0;
	free(all);
	return status;
}
