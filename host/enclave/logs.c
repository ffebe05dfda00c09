/* logs: the verb that prints what the launcher says of an enclave, or what its console has said. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/enclave/client.h"
#include "host/enclave/control.h"
#include "host/enclave/verbs.h"

#define PAUSE 100 /* ms between looks at a file that is followed */

static const char help[] =
	"usage: enclave logs --name NAME | --id ID [--console] [-f]\n"
	"\n"
	"Prints the launcher's log of an enclave, a JSON object a line; vsockd and nsmsim write\n"
	"there, too.\n"
	"\n"
	"  --name, --enclave-name NAME   which\n"
	"  --id, --enclave-id ID         which\n"
	"  --console                     instead what its console has said, 1 to 2 MiB at most;\n"
	"                                only of one that was started with --debug-mode\n"
	"  -f, --follow                  go on until it has ended\n";

struct reader {
	char path[PATH_MAX + 16];
	int fd;       /* -1: not there */
	bool is_text; /* of an enclave: what a terminal would act on is escaped */
};

static void print_text(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\n' || byte == '\t' || (byte >= ' ' && byte < 127))
			putchar(byte);
		else if (byte != '\r')
			printf("\\x%02x", byte);
	}
}

/* Prints what there is. */
static int drain(struct reader *reader, struct fault *fault)
{
	char bytes[16384];
	ssize_t got;

	while (reader->fd >= 0 && (got = read(reader->fd, bytes, sizeof bytes)) > 0)
		if (reader->is_text)
			print_text(bytes, (size_t)got);
		else
			(void)fwrite(bytes, 1, (size_t)got, stdout);
	return fflush(stdout) == 0 ? 0 : fault_io(fault, errno, "writing the output failed");
}

static void open_file(struct reader *reader)
{
	reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* Goes on to a new file of that name, if there is one. */
static int follow_file(struct reader *reader, struct fault *fault)
{
	struct stat ours, theirs;
	bool is_same = reader->fd >= 0 && fstat(reader->fd, &ours) == 0 &&
		       (stat(reader->path, &theirs) < 0 || theirs.st_ino == ours.st_ino);

	if (drain(reader, fault) < 0)
		return -1;
	if (is_same)
		return 0;
	if (reader->fd >= 0)
		close(reader->fd);
	open_file(reader);
	return drain(reader, fault);
}

/* Until the supervisor has ended: then what was open is still there to be read to its end. */
static int follow(struct reader *reader, int control, struct fault *fault)
{
	struct pollfd polled = {.fd = control, .events = POLLIN};
	json_t *json;
	int got = 1;

	while (got > 0) {
		if (follow_file(reader, fault) < 0)
			return -1;
		if (poll(&polled, 1, PAUSE) <= 0)
			continue;
		got = client_line(control, &json, fault);
		if (got > 0)
			json_decref(json);
	}
	return got < 0 ? -1 : drain(reader, fault);
}

static int print_file(
	const char *folder, const char *name, const struct choice *choice, struct fault *fault)
{
	struct reader reader = {.fd = -1, .is_text = choice->console};
	int control = -1, status;

	if (choice->follow) {
		control = client_open(folder, CONTROL_WAIT, fault);
		if (control < 0)
			return -1;
	}
	if (choice->console) {
		(void)snprintf(reader.path, sizeof reader.path, "%s/%s.old", folder, name);
		open_file(&reader);
		status = drain(&reader, fault);
		if (reader.fd >= 0)
			close(reader.fd);
		if (status < 0)
			return -1;
	}
	(void)snprintf(reader.path, sizeof reader.path, "%s/%s", folder, name);
	open_file(&reader);
	status = choice->follow ? follow(&reader, control, fault) : drain(&reader, fault);
	if (reader.fd >= 0)
		close(reader.fd);
	if (control >= 0)
		close(control);
	return status;
}

int verb_logs(int count, char **arguments, struct fault *fault)
{
	char folder[PATH_MAX] = "";
	struct choice choice;
	json_t *enclave = NULL;
	const char *flags;
	bool is_debug;
	int status = choice_read(&choice, "logs", help, "l", count, arguments, fault);

	if (status != 0)
		return status;
	if (choice_find(&choice, "logs", folder, &enclave, fault) < 0)
		return -1;
	flags = json_string_value(json_object_get(enclave, "Flags"));
	is_debug = flags != NULL && strcmp(flags, "DEBUG_MODE") == 0;
	json_decref(enclave);
	if (choice.console && !is_debug)
		return fault_set(fault, "not_debug",
			"an enclave's console can be read only where it was started with "
			"--debug-mode");
	return print_file(folder, choice.console ? "console" : "log", &choice, fault);
}
