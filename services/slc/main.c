/* slc: the listener of the secure local channel (spec/slc.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/signals.h"
#include "services/slc/attester.h"
#include "services/slc/copier.h"
#include "services/slc/dialler.h"
#include "services/slc/holder.h"
#include "services/slc/keeper.h"
#include "services/slc/settings.h"

/* Words of faults; those of listener_open are not listed. */
static const struct {
	const char *word;
	int code;
} exit_codes[] = {
	{"usage", 2},
	{"address", 2},
	{"root", 66},
	{"ended", 70},
	{"io", 70},
	{"limit", 71},
	{"memory", 71},
};
#define EXIT_CANNOT_LISTEN 73

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	return EXIT_CANNOT_LISTEN;
}

static int fail(const struct fault *fault)
{
	fault_print(stderr, "slc", fault);
	fprintf(stderr, "reason: %s\n", fault->word);
	return exit_code_of(fault);
}

int main(int count, char **arguments)
{
	struct log_sink sink = {.program = "slc", .fd = 2, .level = LOG_INFO};
	struct settings settings;
	struct fault fault;

	signals_ignore_pipe();
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	if (count > 0 && strcmp(arguments[0], COPIER_NAME) == 0)
		_exit(copier_run(count, arguments));
	if (count > 0 && strcmp(arguments[0], ATTESTER_NAME) == 0)
		_exit(attester_run(count, arguments));
	if (count > 0 && strcmp(arguments[0], DIALLER_NAME) == 0)
		_exit(dialler_run(count));
	if (count > 0 && strcmp(arguments[0], HOLDER_NAME) == 0)
		_exit(holder_run(count));
	switch (settings_read(&settings, count, arguments, getenv("CLOISTER_VSOCK_DIR"), &fault)) {
	case SETTINGS_DONE:
		return fflush(stdout) == 0 ? 0 : 74;
	case SETTINGS_FAILED:
		(void)fail(&fault);
		fputs("slc --help tells more.\n", stderr);
		return 2;
	case SETTINGS_RUN:
		break;
	}
	sink.form = settings.is_json ? LOG_JSON : LOG_AS_FITS;
	log_start(&sink);
	return keeper_run(&settings, &fault) == 0 ? 0 : fail(&fault);
}
