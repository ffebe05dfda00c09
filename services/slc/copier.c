/* copier: what runs in the copier's process; see copier.h. */
#include "services/slc/copier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/copy_receive.h"
#include "runtime/channel/copy_send.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"

#define WORDS     3 /* descriptors */
#define TREE      4
#define TREE_PATH "/proc/self/fd/4"

/* For the handler of SIGTERM, which gives the copy up and ends its stream: a read or write that
 * waits is interrupted, and the next one finds the null device. */
static _Atomic uint32_t stop;
static int null_device;

static void give_up(int number)
{
	int error = errno;

	(void)number;
	atomic_store(&stop, (uint32_t)SLC_REASON_CANCELLED);
	(void)dup2(null_device, STDIN_FILENO);
	(void)dup2(null_device, STDOUT_FILENO);
	errno = error;
}

static int catch_signals(struct fault *fault)
{
	struct sigaction action = {.sa_handler = give_up};

	null_device = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_device < 0)
		return fault_io(fault, errno, "cannot open /dev/null");
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGTERM, &action, NULL) != 0)
		return fault_io(fault, errno, "sigaction");
	action.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &action, NULL) != 0)
		return fault_io(fault, errno, "sigaction");
	return 0;
}

/* Nothing but the tree, and no right of root's on it. */
static int confine_to_tree(bool is_put, unsigned bits, struct fault *fault)
{
	static const char *const tree[] = {TREE_PATH, NULL};
	static const char *const attributes[] = {
		"fgetxattr", "flistxattr", "fremovexattr", "fsetxattr", NULL};
	struct confine_profile profile = {.name = COPIER_NAME,
		.keep_user = true,
		.calls = CONFINE_FILES,
		.more_calls = (bits & SLC_COPY_ATTRIBUTES) != 0 ? attributes : NULL,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED,
		.readable = is_put ? NULL : tree,
		.writable = is_put ? tree : NULL};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static void receive(
	const char *last, unsigned bits, struct copy_share share, struct copy_outcome *outcome)
{
	struct copy_receive_options options = copy_receive_usual;

	options.stream = STDIN_FILENO;
	options.target.folder = TREE;
	(void)snprintf(options.target.last, sizeof options.target.last, "%s", last);
	options.share = share;
	options.answers = STDOUT_FILENO;
	options.keeps = (bits & SLC_COPY_KEEPS) != 0;
	options.attributes = (bits & SLC_COPY_ATTRIBUTES) != 0;
	options.compares = (bits & SLC_COPY_COMPARES) != 0;
	options.watch.stop = &stop;
	(void)copy_receive(&options, outcome);
}

static void send_tree(const char *name, unsigned bits, struct copy_share share,
	const char *const *patterns, unsigned count, struct copy_outcome *outcome)
{
	struct copy_send_options options = copy_send_usual;

	options.source = TREE;
	options.name = name;
	options.exclude = (struct copy_exclude){patterns, count};
	options.share = share;
	options.stream = STDOUT_FILENO;
	options.attributes = (bits & SLC_COPY_ATTRIBUTES) != 0;
	options.answers = (bits & SLC_COPY_ASKS) != 0 ? STDIN_FILENO : -1;
	options.watch.stop = &stop;
	(void)copy_send(&options, outcome);
}

/* One write to an empty pipe takes it all. */
static int say(const struct copy_outcome *outcome)
{
	uint8_t bytes[COPIER_WORDS_MAX];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);

	field_put_number(&writer, SLC_REASON, outcome->reason);
	field_put_long(&writer, SLC_MEMBERS, outcome->members);
	field_put_long(&writer, SLC_BYTES, outcome->bytes);
	field_put_text(&writer, SLC_TEXT, outcome->text);
	return write(WORDS, bytes, writer.used) == (ssize_t)writer.used ? 0 : 1;
}

static struct copy_share read_share(const char *text)
{
	char *slash;
	unsigned long index = strtoul(text, &slash, 10);

	return (struct copy_share){
		(uint32_t)index, *slash == '/' ? (uint32_t)strtoul(slash + 1, NULL, 10) : 0};
}

int copier_run(int count, char **arguments)
{
	bool is_put = count >= COPIER_WORDS && strcmp(arguments[1], "put") == 0;
	struct copy_outcome outcome = {.reason = SLC_REASON_INTERNAL};
	struct fault fault;
	struct copy_share share;
	unsigned bits;

	if (count < COPIER_WORDS)
		return 2;
	share = read_share(arguments[4]);
	bits = (unsigned)strtoul(arguments[3], NULL, 10);
	log_start(&(struct log_sink){.program = COPIER_NAME, .fd = STDERR_FILENO});
	if (catch_signals(&fault) != 0 || confine_to_tree(is_put, bits, &fault) != 0) {
		log_fault(LOG_ERROR, "a copy can't begin", &fault);
		(void)strcpy(outcome.text, "the copier can't be confined");
	} else if (is_put) {
		receive(arguments[2], bits, share, &outcome);
	} else {
		send_tree(arguments[2], bits, share,
			(const char *const *)(arguments + COPIER_WORDS),
			(unsigned)count - COPIER_WORDS, &outcome);
	}
	return say(&outcome);
}
