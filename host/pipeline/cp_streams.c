/* cp_streams: the sessions of one copy, and the copy through all of them.
 *
 * The first session begins, so that what the other end refuses is refused once; then the others go
 * on beside it, in the same loop. The first one's end waits until theirs have come, since folders
 * get their modes and times by it. Whatever fails in one of them stops the others.
 */
#include <stddef.h>

#include "host/pipeline/cp.h"
#include "host/pipeline/options.h"
#include "host/pipeline/profile.h"

/* How many the operator's file says, where the command line says nothing. */
static int find_width(struct cp *cp, struct failure *failure)
{
	struct options all = *cp->options;
	struct profile profile;
	int status;

	if (cp_is_narrow(cp))
		cp->width = 1;
	if (cp->width != 0)
		return 0;
	status = options_complete(&all, &profile, failure);
	cp->width = status == 0 && profile.streams != 0 ? profile.streams : 1;
	profile_close(&profile);
	return status;
}

int cp_streams_open(struct cp *cp, struct failure *failure)
{
	if (find_width(cp, failure) != 0)
		return -1;
	for (unsigned i = 0; i < cp->width; i++) {
		if (i > 0)
			cp->streams[i].connection.beside = &cp->streams[0].connection;
		cp->opened++;
		if (options_connect(cp->options, &cp->streams[i].connection, failure) != 0)
			return -1;
	}
	return 0;
}

/* The first one has the loop. All are told before one is waited for. */
void cp_streams_close(struct cp *cp)
{
	for (unsigned i = 0; i < cp->opened; i++)
		if (cp->streams[i].connection.link.slc != NULL)
			connection_leave(&cp->streams[i].connection);
	while (cp->opened > 0)
		connection_close(&cp->streams[--cp->opened].connection);
}

void cp_streams_stop(struct cp *cp, uint32_t reason)
{
	for (unsigned i = 0; i < cp->started; i++)
		transfer_stop(&cp->streams[i].transfer, reason);
}

static int start(
	struct cp *cp, const struct transfer *begin, unsigned index, struct failure *failure)
{
	struct cp_stream *stream = &cp->streams[index];

	stream->transfer = *begin;
	stream->transfer.connection = &stream->connection;
	stream->progress = (struct progress_stream){.all = &cp->progress};
	stream->transfer.watch.progress = progress_tell;
	stream->transfer.watch.data = &stream->progress;
	if (cp->width > 1) {
		stream->transfer.share = (struct copy_share){index, cp->width};
		stream->transfer.holds = index == 0;
	}
	cp->started = index + 1;
	return transfer_start(&stream->transfer, failure);
}

/* What the turns have brought: one that has failed stops the others; and the first one ends when
 * the others have. */
static void settle(struct cp *cp)
{
	bool are_whole = cp->started == cp->width;

	for (unsigned i = 1; i < cp->started; i++)
		are_whole = are_whole && transfer_is_whole(&cp->streams[i].transfer);
	if (are_whole)
		transfer_release(&cp->streams[0].transfer);
	for (unsigned i = 0; i < cp->started && cp->failed < 0; i++)
		if (transfer_is_over(&cp->streams[i].transfer) &&
			!transfer_is_whole(&cp->streams[i].transfer)) {
			cp->failed = (int)i;
			cp_streams_stop(cp, SLC_REASON_CANCELLED);
		}
}

static bool are_over(const struct cp *cp)
{
	for (unsigned i = 0; i < cp->started; i++)
		if (!transfer_is_over(&cp->streams[i].transfer))
			return false;
	return true;
}

static int run_all(struct cp *cp, const struct transfer *begin, struct failure *failure)
{
	const struct transfer *first = &cp->streams[0].transfer;
	int status = start(cp, begin, 0, failure);

	while (status == 0 && !are_over(cp)) {
		status = connection_turn(&cp->streams[0].connection, failure);
		while (status == 0 && cp->failed < 0 && cp->started < cp->width &&
			transfer_has_begun(first) && !transfer_is_over(first))
			status = start(cp, begin, cp->started, failure);
		settle(cp);
	}
	return status;
}

static void add_up(struct cp *cp, const struct copy_outcome *outcome)
{
	cp->members += outcome->members;
	cp->bytes += outcome->bytes;
	cp->skipped += outcome->skipped;
	cp->unchanged += outcome->unchanged;
	cp->resumed += outcome->resumed;
	cp->xattrs += outcome->attributes;
}

/* Whoever failed first knows why. */
int cp_transfer(struct cp *cp, const struct transfer *begin, struct failure *failure)
{
	struct failure unused;
	uint64_t bytes = cp->bytes, members = cp->members;
	int status, all = 0;

	cp->started = 0;
	cp->failed = -1;
	status = run_all(cp, begin, failure);
	if (status != 0)
		cp_streams_stop(cp, SLC_REASON_INTERNAL);
	for (unsigned i = 0; i < cp->started; i++) {
		bool tells = cp->failed < 0 || cp->failed == (int)i;

		if (transfer_finish(&cp->streams[i].transfer, status,
			    status == 0 && tells ? failure : &unused) != 0)
			all = -1;
	}
	if (all != 0)
		return -1;
	for (unsigned i = 0; i < cp->started; i++)
		add_up(cp, &cp->streams[i].transfer.outcome);
	if (cp->members == members) /* of shares each may be empty, but not all */
		return failure_reason(failure, SLC_REASON_PROTOCOL,
			"the other end has sent no member through any stream");
	progress_next(&cp->progress, cp->bytes - bytes);
	return 0;
}
