/* broker: see broker.h. */
#include "services/slc/broker.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/slc/account.h"
#include "services/slc/copier.h"
#include "services/slc/dialler.h"
#include "services/slc/job.h"
#include "services/slc/process.h"
#include "services/slc/recorder.h"
#include "services/slc/request.h"

#define EXIT_INTERNAL 70
#define MERCY         (2 * CLOCK_SECOND)
#define LOGIN_MAX     256u
#define USUAL_PATH    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct broker {
	struct line line;
	struct processes all;
	struct process *processes;
	uint32_t jobs;
	int root; /* what paths of copies are resolved beneath */
	const char *path;
	struct timer mercy; /* from SIGTERM to SIGKILL, once the front is gone */
	int code;           /* to exit with */

	struct recorder recorder;

	/* The request that is on its way, in parts. */
	uint32_t id;
	size_t size; /* 0: none is */
	uint8_t request[REQUEST_SIZE_MAX];
	struct command command;
	struct account account;
	struct environment environment;
	char login[LOGIN_MAX]; /* the first word of one */
};

/* --- Requests --------------------------------------------------------------------------------- */

/* A login's first word is the program's name behind a dash, and it begins at home where there is
 * one. */
static void make_login(struct broker *broker, struct program *program)
{
	const char *slash = strrchr(program->name, '/');
	struct stat status;

	(void)snprintf(broker->login, sizeof broker->login, "-%s",
		slash != NULL ? slash + 1 : program->name);
	broker->command.arguments[0] = broker->login;
	if (program->directory == NULL)
		program->directory =
			stat(broker->account.home, &status) == 0 && S_ISDIR(status.st_mode)
				? broker->account.home
				: "/";
}

static struct pipes_terminal terminal_of(
	const struct command *command, const struct account *account)
{
	return (struct pipes_terminal){.columns = (uint16_t)command->window[0],
		.rows = (uint16_t)command->window[1],
		.width = (uint16_t)command->window[2],
		.height = (uint16_t)command->window[3],
		.owner = account->user};
}

static void start_command(struct broker *broker, struct process *process)
{
	struct command *command = &broker->command;
	struct account *account = &broker->account;
	struct environment *environment = &broker->environment;
	struct pipes_terminal terminal;
	struct program program = {.third = STDERR_FILENO,
		.death = SIGKILL,
		.is_grouped = true,
		.extra = -1,
		.log = -1};
	struct fault fault;

	if (command_read(command, broker->request, broker->size) != 0)
		(void)fault_set(&fault, "request", "the request can't be read");
	else if (account_find(account, command->user, &fault) == 0) {
		environment_make(environment, command, account, broker->path);
		program.name = command->arguments[0];
		program.argv = command->arguments;
		program.environment = environment->list;
		program.path = environment_value(environment, "PATH");
		program.directory = command->directory;
		program.account = account;
		terminal = terminal_of(command, account);
		program.terminal = command->terminal != NULL ? &terminal : NULL;
		if (command->is_login)
			make_login(broker, &program);
		process_start(process, &program);
		return;
	}
	process_refuse(process, &fault);
}

static void start_copy(struct broker *broker, struct process *process, uint32_t type)
{
	struct copier_job job;
	struct fault fault;

	if (copier_open(&job, broker->root, type, broker->request, broker->size, &fault) != 0) {
		process_refuse(process, &fault);
		return;
	}
	process_start(process, &job.program);
	copier_close(&job);
}

static void start_dialler(struct broker *broker, struct process *process, uint32_t type)
{
	struct dialler_job job;
	struct fault fault;

	if (dialler_open(&job, type, broker->request, broker->size, &fault) != 0) {
		process_refuse(process, &fault);
		return;
	}
	process_start(process, &job.program);
	dialler_close(&job);
}

/* Adds bytes to the request. False: it is not the one that was begun, or grows too long. */
static bool gather(struct broker *broker, const struct packet *packet)
{
	if (broker->size > 0 && broker->id != packet->id)
		return false;
	if (packet->size > sizeof broker->request - broker->size)
		return false;
	memcpy(broker->request + broker->size, packet->bytes, packet->size);
	broker->id = packet->id;
	broker->size += packet->size;
	return true;
}

static bool begin(
	struct broker *broker, struct process *process, const struct packet *packet, uint32_t type)
{
	struct recorder *recorder = &broker->recorder;

	switch (packet->kind) {
	case PACKET_ATTEST:
		recorder_attest(recorder, process, broker->request, broker->size);
		return true;
	case PACKET_PROVE:
		return recorder_prove(recorder, process, broker->request, broker->size);
	case PACKET_LOG:
		recorder_send(recorder, process);
		return true;
	default:
		break;
	}
	/* What reads or changes something is recorded before it is done. */
	if (!recorder_note(recorder, process, type, packet->number, broker->request, broker->size))
		return true;
	if (type == SLC_EXEC)
		start_command(broker, process);
	else if (type == SLC_FORWARD || type == SLC_LISTEN)
		start_dialler(broker, process, type);
	else
		start_copy(broker, process, type);
	return true;
}

static bool start(struct broker *broker, const struct packet *packet, uint32_t type)
{
	struct process *process = &broker->processes[packet->id];
	const char *text;
	bool is_good;

	if (!gather(broker, packet) || process->is_used ||
		request_check(type, broker->request, broker->size, &text) != SLC_REASON_NONE)
		return false;
	if (!recorder_lets(&broker->recorder, type))
		return false;
	process_use(process);
	is_good = begin(broker, process, packet, type);
	broker->size = 0;
	return is_good;
}

static void is_over(struct processes *all, const struct process *process, bool is_well)
{
	struct broker *broker = (struct broker *)((char *)all - offsetof(struct broker, all));

	recorder_over(&broker->recorder, process, is_well);
}

/* --- The front -------------------------------------------------------------------------------- */

static void stop_if_none_lives(struct processes *all)
{
	if (all->live == 0)
		loop_stop(all->loop);
}

static void signal_all(struct broker *broker, int number)
{
	for (uint32_t i = 0; i < broker->jobs; i++)
		process_end(&broker->processes[i], number);
}

static void time_is_up(struct timer *timer)
{
	signal_all((struct broker *)((char *)timer - offsetof(struct broker, mercy)), SIGKILL);
}

/* The front is gone, or not to be trusted: everything ends. */
static void end_all(struct broker *broker)
{
	broker->all.is_over = true;
	if (broker->all.live > 0)
		broker->code = EXIT_INTERNAL;
	signal_all(broker, SIGTERM);
	timer_start(&broker->mercy, broker->all.loop, MERCY);
	stop_if_none_lives(&broker->all);
}

static void line_ended(struct line *line, const struct fault *fault)
{
	struct broker *broker = (struct broker *)((char *)line - offsetof(struct broker, line));

	if (fault != NULL) {
		log_fault(LOG_ERROR, "the front can't be trusted", fault);
		broker->code = EXIT_INTERNAL;
	}
	end_all(broker);
}

static bool act(struct broker *broker, const struct packet *packet)
{
	struct process *process;

	if (packet->id >= broker->jobs)
		return false;
	process = &broker->processes[packet->id];
	switch (packet->kind) {
	case PACKET_PART:
		return gather(broker, packet);
	case PACKET_EXEC:
		return start(broker, packet, SLC_EXEC);
	case PACKET_PUT:
		return start(broker, packet, SLC_PUT);
	case PACKET_GET:
		return start(broker, packet, SLC_GET);
	case PACKET_ATTEST:
	case PACKET_PROVE:
		return start(broker, packet, SLC_ATTEST);
	case PACKET_DIAL:
		return start(broker, packet, SLC_FORWARD);
	case PACKET_LISTEN:
		return start(broker, packet, SLC_LISTEN);
	case PACKET_LOG:
		return start(broker, packet, SLC_AUDIT);
	case PACKET_MARK:
		return broker->size == 0 && recorder_mark(&broker->recorder, process);
	case PACKET_SESSION:
		return recorder_session(&broker->recorder, packet);
	case PACKET_CONTROL:
		return recorder_control(&broker->recorder, packet);
	case PACKET_SIGNAL:
		process_signal(process, (int)packet->number);
		return process->is_used;
	case PACKET_DONE:
		return process->is_used && process_done(process) == 0;
	default:
		return false;
	}
}

static void came(struct line *line, const struct packet *packet, const int *descriptors)
{
	struct broker *broker = (struct broker *)((char *)line - offsetof(struct broker, line));

	(void)descriptors;
	if (act(broker, packet))
		return;
	LOG(LOG_ERROR, "the front can't be trusted", log_number("packet", packet->kind),
		log_number("job", packet->id));
	broker->code = EXIT_INTERNAL;
	line_close(line);
	end_all(broker);
}

/* --- The whole -------------------------------------------------------------------------------- */

static int open_broker(
	struct broker *broker, const struct settings *settings, int line, struct fault *fault)
{
	const char *path = getenv("PATH");

	broker->mercy.fired = time_is_up;
	broker->path = path != NULL ? path : USUAL_PATH;
	broker->jobs = jobs_places(settings->jobs, settings->sessions);
	if (recorder_open(&broker->recorder, settings, fault) != 0)
		return -1;
	broker->processes = calloc(broker->jobs, sizeof *broker->processes);
	if (broker->processes == NULL)
		return fault_set(fault, "memory", "there is no memory for %u jobs", broker->jobs);
	for (uint32_t i = 0; i < broker->jobs; i++)
		process_init(&broker->processes[i], &broker->all, i);
	broker->line.came = came;
	broker->line.ended = line_ended;
	broker->line.other = PACKET_FROM_FRONT;
	return line_open(&broker->line, broker->all.loop, line, fault);
}

static int run(struct broker *broker, const struct settings *settings, int line)
{
	struct fault fault;

	if (loop_open(&broker->all.loop, &clock_system, &fault) == 0 &&
		open_broker(broker, settings, line, &fault) == 0 &&
		loop_run(broker->all.loop, &fault) == 0)
		return broker->code;
	log_fault(LOG_ERROR, "the broker can't go on", &fault);
	return EXIT_INTERNAL;
}

int broker_run(const struct settings *settings, const struct rlimit *descriptors,
	const struct groups *groups, int root, int line)
{
	struct broker *broker = calloc(1, sizeof *broker);
	int code = EXIT_INTERNAL;

	if (broker == NULL)
		return code;
	broker->root = root;
	broker->all.line = &broker->line;
	broker->all.descriptors = *descriptors;
	broker->all.groups = groups;
	broker->all.parent = getpid();
	broker->all.ended = stop_if_none_lives;
	broker->all.over = is_over;
	code = run(broker, settings, line);
	loop_close(broker->all.loop);
	free(broker->processes);
	recorder_close(&broker->recorder);
	free(broker);
	return code;
}
