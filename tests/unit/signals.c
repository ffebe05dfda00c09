/* signals: real ones, sent to this process by itself and by another. */
#include "runtime/kernel/signals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/loop.h"

static struct fault fault;
static int numbers[8];
static pid_t senders[8];
static unsigned count;
static unsigned handled; /* by a handler, as if there were no loop */

static void remember(struct signals *signals, int number, pid_t sender)
{
	(void)signals;
	numbers[count] = number;
	senders[count] = sender;
	count++;
}

static void handle(int number)
{
	(void)number;
	handled++;
}

static void start(struct signals *signals, struct loop *loop, const int *wanted)
{
	count = 0;
	if (signals->arrived == NULL)
		signals->arrived = remember;
	assert_int_equal(signals_start(signals, loop, wanted, &fault), 0);
}

static void take_turn(struct loop *loop)
{
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
}

static bool is_blocked(int number)
{
	sigset_t mask;

	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	return sigismember(&mask, number) == 1;
}

static void signals_are_told_one_by_one_with_their_senders(void **state)
{
	struct signals signals = {0};

	start(&signals, *state, (const int[]){SIGTERM, SIGUSR1, SIGHUP, 0});
	take_turn(*state);
	assert_int_equal(count, 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	take_turn(*state);
	assert_int_equal(count, 1);
	take_turn(*state);
	take_turn(*state);
	assert_int_equal(count, 2);
	assert_int_equal(numbers[0] + numbers[1], SIGUSR1 + SIGTERM);
	assert_int_equal(senders[0], getpid());
	assert_int_equal(senders[1], getpid());
	signals_stop(&signals);
	signals_stop(&signals);
}

static void a_signal_of_another_process_wakes_the_loop(void **state)
{
	struct signals signals = {0};
	pid_t sender;

	start(&signals, *state, (const int[]){SIGUSR2, 0});
	sender = fork();
	if (sender == 0) {
		(void)kill(getppid(), SIGUSR2);
		_exit(0);
	}
	assert_int_equal(loop_turn(*state, UINT64_MAX, &fault), 0);
	assert_int_equal(count, 1);
	assert_int_equal(numbers[0], SIGUSR2);
	assert_int_equal(senders[0], sender);
	assert_int_equal(waitpid(sender, NULL, 0), sender);
	signals_stop(&signals);
}

static void a_stop_restores_what_was_not_blocked_before(void **state)
{
	struct signals signals = {0};
	sigset_t mine, before;

	sigemptyset(&mine);
	sigaddset(&mine, SIGHUP);
	assert_int_equal(sigprocmask(SIG_BLOCK, &mine, &before), 0);
	start(&signals, *state, (const int[]){SIGHUP, SIGUSR1, 0});
	assert_true(is_blocked(SIGHUP) && is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
	signals_stop(&signals);
	assert_true(is_blocked(SIGHUP) && !is_blocked(SIGUSR1));
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void a_stop_lets_a_pending_signal_through(void **state)
{
	struct sigaction action = {.sa_handler = handle}, before;
	struct signals signals = {0};

	handled = 0;
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
	start(&signals, *state, (const int[]){SIGUSR1, 0});
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(handled, 0);
	signals_stop(&signals);
	assert_int_equal(handled, 1);
	assert_int_equal(count, 0);
	assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

static void stop_and_free(struct signals *signals, int number, pid_t sender)
{
	remember(signals, number, sender);
	signals_stop(signals);
	free(signals);
}

static void the_callback_may_stop_and_free(void **state)
{
	struct signals *signals = calloc(1, sizeof *signals);

	signals->arrived = stop_and_free;
	start(signals, *state, (const int[]){SIGUSR1, SIGUSR2, 0});
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(count, 1);
	assert_false(is_blocked(SIGUSR1) || is_blocked(SIGUSR2));
}

static void a_number_that_is_no_signal_is_refused(void **state)
{
	struct signals signals = {.arrived = remember};

	assert_int_equal(
		signals_start(&signals, *state, (const int[]){SIGHUP, 1000, 0}, &fault), -1);
	assert_string_equal(fault.word, "io");
	assert_false(is_blocked(SIGHUP));
}

static void a_closed_pipe_is_an_error_and_no_death(void **unused)
{
	struct sigaction before;
	int ends[2];

	(void)unused;
	assert_int_equal(sigaction(SIGPIPE, NULL, &before), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	signals_ignore_pipe();
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
	assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(signals_are_told_one_by_one_with_their_senders),
		LOOP_TEST(a_signal_of_another_process_wakes_the_loop),
		LOOP_TEST(a_stop_restores_what_was_not_blocked_before),
		LOOP_TEST(a_stop_lets_a_pending_signal_through),
		LOOP_TEST(the_callback_may_stop_and_free),
		LOOP_TEST(a_number_that_is_no_signal_is_refused),
		LOOP_TEST(a_closed_pipe_is_an_error_and_no_death),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
