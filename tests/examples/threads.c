/* threads: a session for each of four threads, which know nothing of each other.
 *
 *   cc threads.c $(pkg-config --cflags --libs cloister) -pthread -o threads
 *   ./threads ADDRESS ROOT.PEM
 */
#include <cloister.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS  4
#define COMMANDS 10

struct task {
	pthread_t thread;
	const struct cloister_options *options;
	char said[64];
	size_t size;
	int done;
	struct cloister_error error;
};

static int keep(void *data, int stream, const void *bytes, size_t size)
{
	struct task *task = data;

	if (stream != 1 || size > sizeof task->said - task->size)
		return -1;
	memcpy(task->said + task->size, bytes, size);
	task->size += size;
	return 0;
}

/* Whether the command has said what it was to say. */
static int run_one(struct task *task, struct cloister *session, int number)
{
	char wanted[64];
	const char *const words[] = {"printf", "%s", wanted, NULL};
	struct cloister_command *command;
	int status = 0, failed;

	(void)snprintf(wanted, sizeof wanted, "command %d of %p", number, (void *)task);
	task->size = 0;
	command = cloister_command_new(words);
	if (command == NULL)
		return -1;
	cloister_command_output(command, keep, task);
	failed = cloister_exec(session, command, &status, &task->error);
	cloister_command_free(command);
	if (failed == 0 && (status != 0 || task->size != strlen(wanted) ||
				   memcmp(task->said, wanted, task->size) != 0))
		return -1;
	return failed;
}

static void *run(void *data)
{
	struct task *task = data;
	struct cloister *session;

	if (cloister_connect(&session, task->options, &task->error) != 0)
		return NULL;
	while (task->done < COMMANDS && run_one(task, session, task->done) == 0)
		task->done++;
	cloister_close(session);
	return NULL;
}

int main(int count, char **words)
{
	struct cloister_options *options = cloister_options_new();
	struct task tasks[THREADS] = {0};
	struct cloister_error error;
	int failed = 0;

	if (count != 3 || options == NULL)
		return 2;
	if (cloister_set(options, "address", words[1], &error) != 0 ||
		cloister_set(options, "root", words[2], &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return 2;
	}
	for (int i = 0; i < THREADS; i++) {
		tasks[i].options = options; /* which nobody changes meanwhile */
		if (pthread_create(&tasks[i].thread, NULL, run, &tasks[i]) != 0)
			return 1;
	}
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(tasks[i].thread, NULL);
		printf("thread %d: %d commands\n", i, tasks[i].done);
		if (tasks[i].done < COMMANDS) {
			fprintf(stderr, "%s (%s)\n", tasks[i].error.text, tasks[i].error.word);
			failed = 1;
		}
	}
	cloister_options_free(options);
	return failed;
}
