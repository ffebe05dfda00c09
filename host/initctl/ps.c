/* ps: processes of units, as /proc shows them to us: init is asked for nothing but its units. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/initctl/row.h"
#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

#define UNITS_MAX 64u

struct known_units {
	struct row row;
	uint32_t count;
	uint64_t pids[UNITS_MAX];
	char names[UNITS_MAX][80];
};

struct process {
	long pid, parent, session, pages;
	char state;
	const char *unit; /* "": none's */
	char command[256];
	size_t command_size;
};

static bool keep(void *user, struct fields fields)
{
	struct known_units *units = user;

	if (!row_read(&units->row, fields))
		return false;
	if (units->row.numbers[CONTROL_OF_PID] == 0 || units->count == UNITS_MAX)
		return true;
	units->pids[units->count] = units->row.numbers[CONTROL_OF_PID];
	(void)snprintf(units->names[units->count++], sizeof units->names[0], "%.79s",
		units->row.texts[CONTROL_OF_NAME]);
	return true;
}

static size_t read_file(const char *pid, const char *name, char *text, size_t room)
{
	char path[300];
	FILE *file;
	size_t size;

	(void)snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	size = fread(text, 1, room - 1u, file);
	(void)fclose(file);
	text[size] = '\0';
	return size;
}

/* The name in /proc/PID/stat may have any bytes; what follows its last bracket is numbers. */
static bool read_process(const char *pid, struct process *process)
{
	char stat[1024], memory[128], *name, *end, *at;
	long fields[4] = {0};

	if (read_file(pid, "stat", stat, sizeof stat) == 0 || (end = strrchr(stat, ')')) == NULL ||
		(name = strchr(stat, '(')) == NULL || end[1] != ' ' || end[2] == '\0')
		return false;
	process->pid = strtol(pid, NULL, 10);
	process->state = end[2];
	at = end + 3;
	for (size_t i = 0; i < 3; i++)
		fields[i] = strtol(at, &at, 10); /* parent, group, session */
	process->parent = fields[0];
	process->session = fields[2];
	process->pages = 0;
	if (read_file(pid, "statm", memory, sizeof memory) > 0 &&
		(at = strchr(memory, ' ')) != NULL)
		process->pages = strtol(at, NULL, 10);
	process->command_size =
		read_file(pid, "cmdline", process->command, sizeof process->command);
	if (process->command_size == 0) {
		*end = '\0';
		process->command_size = (size_t)snprintf(
			process->command, sizeof process->command, "[%.200s]", name + 1);
	}
	for (size_t i = 0; i < process->command_size; i++)
		if (process->command[i] == '\0')
			process->command[i] = ' ';
	while (process->command_size > 0 && process->command[process->command_size - 1u] == ' ')
		process->command_size--;
	return true;
}

static void print(struct process *process, bool json, bool is_first)
{
	long memory = process->pages * (sysconf(_SC_PAGESIZE) / 1024);

	if (json) {
		(void)printf("%s{\"pid\":%ld,\"parent\":%ld,\"state\":\"%c\",\"memory_kb\":%ld,"
			     "\"unit\":",
			is_first ? "[" : ",\n", process->pid, process->parent, process->state,
			memory);
		json_text(stdout, process->unit, strlen(process->unit));
		(void)fputs(",\"command\":", stdout);
		json_text(stdout, process->command, process->command_size);
		(void)fputc('}', stdout);
		return;
	}
	if (is_first)
		(void)printf("%8s %8s %s %9s %-20s %s\n", "PID", "PARENT", "S", "KIB", "UNIT",
			"COMMAND");
	(void)printf("%8ld %8ld %c %9ld %-20s ", process->pid, process->parent, process->state,
		memory, process->unit);
	for (size_t i = 0; i < process->command_size; i++) /* one line */
		if (process->command[i] == '\n')
			process->command[i] = ' ';
	terminal_text(stdout, process->command, process->command_size);
	(void)fputc('\n', stdout);
}

/* A unit leads a session, whose number is that of its process. */
static const char *unit_of(const struct known_units *units, const struct process *process)
{
	for (uint32_t i = 0; i < units->count; i++)
		if (units->pids[i] == (uint64_t)process->session)
			return units->names[i];
	return "";
}

int verb_ps(struct command *command, struct fault *fault)
{
	static struct known_units units;
	const struct dirent *entry;
	struct process process;
	bool is_first = true;
	int code = ask_rows(command, keep, &units, fault);
	DIR *folder = code == 0 ? opendir("/proc") : NULL;

	if (code != 0)
		return code;
	if (folder == NULL) {
		(void)fault_io(fault, errno, "cannot read /proc");
		return 66;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
			!read_process(entry->d_name, &process))
			continue;
		process.unit = unit_of(&units, &process);
		if (process.unit[0] == '\0' && !command->all)
			continue;
		print(&process, command->json, is_first);
		is_first = false;
	}
	(void)closedir(folder);
	if (command->json)
		(void)puts(is_first ? "[]" : "]");
	return 0;
}
