/* doctor: the verb that looks a machine over; see doctor.h. */
#include "host/enclave/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/settings.h"
#include "host/enclave/verbs.h"

static const char help[] =
	"usage: enclave doctor [--backend NAME] [--memory MIB] [--json]\n"
	"\n"
	"Tells whether this machine can run enclaves, and how to mend what is in the way.\n"
	"Ends with 76 where no backend can run one, or the one that was asked for can't.\n"
	"\n"
	"  --backend sandbox|qemu|nitro   only what this one needs\n"
	"  --memory MIB     what an enclave is to have (see `enclave size`); 64\n"
	"  --root DIR       look there for /dev, /etc, /proc and /sys\n"
	"  --json           the findings as JSON\n";

static const char *const backends[] = {"sandbox", "qemu", "nitro"};
#define BACKENDS (sizeof backends / sizeof *backends)

static const char *const level_names[] = {"ok", "warn", "fail"};

/* --- Findings --------------------------------------------------------------------------------- */

struct finding *doctor_find(struct doctor *doctor, const char *backend, const char *check,
	enum doctor_level level, const char *format, ...)
{
	struct finding *finding = &doctor->findings[doctor->count];
	va_list arguments;

	if (doctor->count < DOCTOR_FINDINGS_MAX - 1)
		doctor->count++;
	*finding = (struct finding){.backend = backend, .check = check, .level = level};
	va_start(arguments, format);
	(void)vsnprintf(finding->what, sizeof finding->what, format, arguments);
	va_end(arguments);
	return finding;
}

void doctor_why(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding->why, sizeof finding->why, format, arguments);
	va_end(arguments);
}

void doctor_mend(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding->mend, sizeof finding->mend, format, arguments);
	va_end(arguments);
}

/* --- Files ------------------------------------------------------------------------------------ */

static void make_path(
	const struct doctor *doctor, char path[PATH_MAX], const char *format, va_list arguments)
{
	int size = snprintf(path, PATH_MAX, "%s", doctor->root);

	if (size < PATH_MAX)
		(void)vsnprintf(path + size, (size_t)(PATH_MAX - size), format, arguments);
}

void doctor_path(const struct doctor *doctor, char path[PATH_MAX], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	make_path(doctor, path, format, arguments);
	va_end(arguments);
}

bool doctor_text(const struct doctor *doctor, char *text, size_t size, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	ssize_t got;
	int fd;

	*text = '\0';
	va_start(arguments, format);
	make_path(doctor, path, format, arguments);
	va_end(arguments);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	if (got < 0)
		return false;
	while (got > 0 && strchr(" \t\r\n", text[got - 1]) != NULL)
		got--;
	text[got] = '\0';
	return true;
}

const char *doctor_number(const char *text, unsigned long long *number)
{
	const char *at = text + strspn(text, " \t"), *begin = at;

	for (*number = 0; *at >= '0' && *at <= '9'; at++) {
		*number = 10 * *number + (unsigned long long)(*at - '0');
		if (at - begin == 15)
			return NULL;
	}
	return at > begin ? at : NULL;
}

/* --- The verb --------------------------------------------------------------------------------- */

struct wish {
	const char *backend; /* null: all */
	bool as_json;
};

static bool is_of(const struct finding *finding, const char *backend)
{
	return strcmp(finding->backend, backend) == 0 || strcmp(finding->backend, "all") == 0;
}

static bool can_run(const struct doctor *doctor, const char *backend)
{
	for (unsigned i = 0; i < doctor->count; i++)
		if (is_of(&doctor->findings[i], backend) &&
			doctor->findings[i].level == DOCTOR_FAIL)
			return false;
	return true;
}

static bool is_wanted(const struct wish *wish, const struct finding *finding)
{
	return wish->backend == NULL || is_of(finding, wish->backend);
}

static int print_findings(const struct doctor *doctor, const struct wish *wish, struct fault *fault)
{
	json_t *findings = json_array(), *usable = json_object(), *json;
	int status;

	for (unsigned i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		if (is_wanted(wish, finding))
			(void)json_array_append_new(findings,
				json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Check", finding->check,
					"Backend", finding->backend, "Level",
					level_names[finding->level], "What", finding->what, "Why",
					finding->why, "Mend", finding->mend));
	}
	for (size_t i = 0; i < BACKENDS; i++)
		(void)json_object_set_new(
			usable, backends[i], json_boolean(can_run(doctor, backends[i])));
	json = json_pack("{s:o, s:o}", "Usable", usable, "Findings", findings);
	status = print_json(json, fault);
	json_decref(json);
	return status;
}

static void print_line(const char *label, const char *text)
{
	if (*text == '\0')
		return;
	printf("%28s ", label);
	print_escaped(stdout, text);
	putchar('\n');
}

static int print_table(const struct doctor *doctor, const struct wish *wish, struct fault *fault)
{
	for (unsigned i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		if (!is_wanted(wish, finding))
			continue;
		printf("%-4s  %-7s  %-14s ", level_names[finding->level], finding->backend,
			finding->check);
		print_escaped(stdout, finding->what);
		putchar('\n');
		print_line("why:", finding->why);
		print_line("mend:", finding->mend);
	}
	for (size_t i = 0; i < BACKENDS; i++)
		if (wish->backend == NULL || strcmp(wish->backend, backends[i]) == 0)
			printf("%s %s\n", backends[i],
				can_run(doctor, backends[i]) ? "can run enclaves here"
							     : "can't run enclaves here");
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_io(fault, errno, "writing the output failed");
	return 0;
}

static int judge(const struct doctor *doctor, const struct wish *wish, struct fault *fault)
{
	if (wish->backend != NULL)
		return can_run(doctor, wish->backend)
			       ? 0
			       : fault_set(fault, "unfit",
					 "the backend %s can't run enclaves on this machine: see "
					 "what failed, and its mend",
					 wish->backend);
	for (size_t i = 0; i < BACKENDS; i++)
		if (can_run(doctor, backends[i]))
			return 0;
	return fault_set(fault, "unfit",
		"no backend can run enclaves on this machine: see what failed, and its mend");
}

static int take_backend(struct wish *wish, const char *name, struct fault *fault)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (strcmp(name, backends[i]) == 0) {
			wish->backend = backends[i];
			return 0;
		}
	return fault_set(fault, "usage",
		"doctor: there is no backend '%.100s'; there are: sandbox, qemu, nitro", name);
}

static int read_options(
	struct doctor *doctor, struct wish *wish, int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {
		{"backend", required_argument, NULL, 'b'},
		{"memory", required_argument, NULL, 'm'},
		{"root", required_argument, NULL, 'r'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code == '?')
			return settings_unknown("doctor", arguments, fault);
		if (code == 'b' && take_backend(wish, optarg, fault) < 0)
			return -1;
		if (code == 'm' && settings_number("--memory", optarg, 1, SETTINGS_MEMORY_MAX,
					   &doctor->memory, fault) < 0)
			return -1;
		if (code == 'r')
			doctor->root = optarg;
		wish->as_json = wish->as_json || code == 'j';
	}
	if (optind != count)
		return fault_set(fault, "usage", "doctor: what is '%.100s'?", arguments[optind]);
	return 0;
}

int verb_doctor(int count, char **arguments, struct fault *fault)
{
	static struct doctor doctor = {.root = "", .memory = 64};
	struct wish wish = {0};
	int status = read_options(&doctor, &wish, count, arguments, fault);

	if (status != 0)
		return status;
	doctor_check_machine(&doctor);
	doctor_check_use(&doctor);
	doctor_check_parent(&doctor);
	doctor_check_pool(&doctor);
	status = wish.as_json ? print_findings(&doctor, &wish, fault)
			      : print_table(&doctor, &wish, fault);
	return status < 0 ? -1 : judge(&doctor, &wish, fault);
}
