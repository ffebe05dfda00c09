/* terminal: see terminal.h. */
#include "host/pipeline/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t is_entered;
static bool is_guarded, has_keys;

void terminal_window(uint32_t window[4])
{
	struct winsize size = {0};

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0)
		(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	window[0] = size.ws_col;
	window[1] = size.ws_row;
	window[2] = size.ws_xpixel;
	window[3] = size.ws_ypixel;
}

const char *terminal_name(void)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";
	const char *name = getenv("TERM");
	size_t n = name != NULL ? strlen(name) : 0;

	return 1 <= n && n <= TERMINAL_NAME_MAX && *name != '.' && strspn(name, letters) == n
		       ? name
		       : "dumb";
}

void terminal_leave(void)
{
	if (is_entered == 0)
		return;
	is_entered = 0;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* What has no action of ours kills us still, a moment later. */
static void die(int number)
{
	terminal_leave();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static void guard(void)
{
	static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
		SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ,
		SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR};
	struct sigaction action = {.sa_handler = die}, there;

	is_guarded = true;
	(void)atexit(terminal_leave);
	(void)sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		if (sigaction(deadly[i], NULL, &there) == 0 && there.sa_handler == SIG_DFL)
			(void)sigaction(deadly[i], &action, NULL);
}

void terminal_enter(bool with_keys)
{
	struct termios raw;

	if (is_entered == 0 && tcgetattr(STDIN_FILENO, &before) != 0)
		return;
	if (!is_guarded)
		guard();
	raw = before;
	if (with_keys)
		cfmakeraw(&raw);
	else
		raw.c_oflag &= ~(tcflag_t)OPOST;
	has_keys = with_keys;
	is_entered = 1;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void terminal_pause(void)
{
	bool was_entered = is_entered != 0;

	terminal_leave();
	(void)raise(SIGSTOP);
	if (was_entered)
		terminal_enter(has_keys);
}
