/* unix_file: long paths, stand-ins, and whose file it is. */
#include "runtime/net/unix_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/net.h"

static struct accepting accepting;

static void path_in_folder(char *path, size_t size, const char *name)
{
	(void)snprintf(path, size, "%s/%s", net.folder, name);
}

/* A folder below the test's whose path has `length` bytes. */
static void make_deep_folder(char *path, size_t length)
{
	size_t used = (size_t)sprintf(path, "%s", net.folder);

	while (used < length) {
		size_t step = length - used - 1 < 200 ? length - used - 1 : 200;

		if (length - used - 1 - step == 1)
			step--;
		path[used] = '/';
		memset(path + used + 1, 'd', step);
		used += 1 + step;
		path[used] = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	}
}

static void paths_longer_than_a_socket_address_are_served(void **unused)
{
	static const size_t lengths[] = {106, 107, 108, 109, 300, 4000};
	char path[ADDRESS_TEXT_MAX], text[ADDRESS_TEXT_MAX + 100];

	(void)unused;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		make_deep_folder(path, lengths[i] - 6);
		strcat(path, "/sockt");
		(void)snprintf(text, sizeof text, "unix:%s", path);
		net_served(net_address(text), NULL);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void the_last_part_of_a_long_path_has_a_limit(void **unused)
{
	char path[ADDRESS_TEXT_MAX], text[ADDRESS_TEXT_MAX + 100];
	struct address address;

	(void)unused;
	make_deep_folder(path, 250);
	(void)snprintf(text, sizeof text, "unix:%s/%080d", path, 7);
	net_served(net_address(text), NULL);
	(void)snprintf(text, sizeof text, "unix:%s/%081d", path, 7);
	address = net_address(text);
	net_refused(&address, "address");
	address = net_address("unix:%s/");
	net_refused(&address, "address");
}

static void a_path_without_a_folder_is_in_the_working_one(void **unused)
{
	int home = open(".", O_PATH | O_CLOEXEC);

	(void)unused;
	assert_int_equal(chdir(net.folder), 0);
	net_served(net_address("unix:socket"), NULL);
	assert_int_equal(access("socket", F_OK), -1);
	assert_int_equal(fchdir(home), 0);
	close(home);
}

static void a_stand_in_is_served(void **unused)
{
	struct address address = net_address("vsock:3:5005"), any = net_address("vsock:any:5005");
	char path[128];

	(void)unused;
	assert_int_equal(address_stand_in(&address, net.folder, &net.fault), 0);
	assert_int_equal(address_stand_in(&any, net.folder, &net.fault), 0);
	net_refused(&address, "refused");
	path_in_folder(path, sizeof path, "3");
	assert_int_equal(mkdir(path, 0700), 0);
	net_served(address, NULL);
	path_in_folder(path, sizeof path, "any");
	assert_int_equal(mkdir(path, 0700), 0);
	net_served(any, NULL);
}

static void no_link_is_followed_to_a_stand_in(void **unused)
{
	struct address address = net_address("vsock:3:5005"), real = net_address("unix:%s/b/s");
	struct connecting connecting;
	char link[128], folder[128];

	(void)unused;
	assert_int_equal(address_stand_in(&address, net.folder, &net.fault), 0);
	path_in_folder(folder, sizeof folder, "b");
	path_in_folder(link, sizeof link, "3");
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(symlink("b", link), 0);
	net_refused(&address, "io");
	net_listen(&accepting, &real, 1);
	net_connect(&connecting, &address, CLOCK_SECOND);
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);

	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkdir(link, 0700), 0);
	path_in_folder(link, sizeof link, "3/5005");
	assert_int_equal(symlink("../b/s", link), 0);
	net_refused(&address, "in_use");
	net_connect(&connecting, &address, CLOCK_SECOND);
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);
	assert_string_equal(connecting.fault.word, "refused");
	assert_int_equal(accepting.count, 0);
	net_listen_no_more(&accepting);
}

static void hybrid_listens_where_its_other_end_dials(void **unused)
{
	struct address dialled = net_address("unix:%s/v.sock_5005");

	(void)unused;
	net_served(net_address("hybrid:%s/v.sock:5005"), &dialled);
}

/* Leaves a socket file behind that nobody listens on, or somebody does: then its descriptor. */
static int make_socket_file(const char *name, int type, bool alive)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	path_in_folder(at.sun_path, sizeof at.sun_path, name);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	if (alive)
		return fd;
	close(fd);
	return -1;
}

static void a_socket_file_that_nobody_listens_on_is_replaced(void **unused)
{
	(void)unused;
	make_socket_file("socket", SOCK_STREAM, false);
	net_served(net_address("unix:%s/socket"), NULL);
	make_socket_file("socket", SOCK_DGRAM, false);
	net_served(net_address("unix:%s/socket"), NULL);
}

static void one_that_somebody_listens_on_is_not(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	int fd = make_socket_file("socket", SOCK_STREAM, true);

	(void)unused;
	net_refused(&address, "in_use");
	close(net_connected(&address));
	close(fd);
	address = net_address("unix:%s/datagrams");
	fd = make_socket_file("datagrams", SOCK_DGRAM, true);
	net_refused(&address, "in_use");
	close(fd);
}

static void a_file_that_is_no_socket_is_never_replaced(void **unused)
{
	struct address address = net_address("unix:%s/file");
	char path[128];
	int fd;

	(void)unused;
	path_in_folder(path, sizeof path, "file");
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	net_refused(&address, "in_use");
	assert_int_equal(access(path, F_OK), 0);
}

static void without_the_lock_of_the_folder_nothing_is_replaced(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	int folder = open(net.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)unused;
	make_socket_file("socket", SOCK_STREAM, false);
	assert_int_equal(flock(folder, LOCK_EX), 0);
	net_refused(&address, "in_use");
	close(folder);
	net_served(address, NULL);
}

/* Each child tries to listen at the same place, tells whether it could, and waits. */
static void try_to_listen(const struct address *address, int report, int hold)
{
	const struct listener_limits limits = {.connections = 1};
	struct listener listener = {.accepted = NULL};
	char byte = 'n';

	if (listener_open(&listener, net.loop, address, &limits, &net.fault) == 0)
		byte = 'y';
	else if (strcmp(net.fault.word, "in_use") != 0)
		byte = '?';
	if (write(report, &byte, 1) != 1)
		_exit(1);
	while (read(hold, &byte, 1) < 0)
		;
	_exit(0); /* and leaves a stale file for the next round */
}

static void of_many_that_start_at_once_one_listens(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	enum { CHILDREN = 8, ROUNDS = 10 };

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		int report[2], hold[2], listening = 0;
		char byte;

		assert_int_equal(pipe2(report, O_CLOEXEC) | pipe2(hold, O_CLOEXEC), 0);
		for (int i = 0; i < CHILDREN; i++) {
			pid_t pid = fork();

			assert_true(pid >= 0);
			if (pid == 0) {
				close(hold[1]);
				try_to_listen(&address, report[1], hold[0]);
			}
		}
		for (int i = 0; i < CHILDREN; i++) {
			assert_int_equal(read(report[0], &byte, 1), 1);
			assert_int_not_equal(byte, '?');
			listening += byte == 'y';
		}
		assert_int_equal(listening, 1);
		close(net_connected(&address));
		close(hold[1]);
		for (int i = 0; i < CHILDREN; i++)
			assert_true(wait(NULL) > 0);
		close(hold[0]);
		close(report[0]);
		close(report[1]);
	}
}

static unsigned mode_of(const char *path)
{
	struct stat stat;

	assert_int_equal(lstat(path, &stat), 0);
	assert_true(S_ISSOCK(stat.st_mode));
	return stat.st_mode & 07777u;
}

static void the_mode_of_the_file_is_what_was_asked_for(void **unused)
{
	static const mode_t asked[] = {0, 0600, 0660, 0666}, made[] = {0600, 0600, 0660, 0666};
	struct address address = net_address("unix:%s/socket");
	char path[128];

	(void)unused;
	path_in_folder(path, sizeof path, "socket");
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		const struct listener_limits limits = {.connections = 1, .mode = asked[i]};
		struct listener listener = {.accepted = NULL};
		mode_t mask = umask(i % 2 == 0 ? 077 : 0);

		assert_int_equal(
			listener_open(&listener, net.loop, &address, &limits, &net.fault), 0);
		(void)umask(mask);
		assert_int_equal(mode_of(path), made[i]);
		listener_close(&listener);
	}
}

static void a_file_that_is_no_longer_ours_stays(void **unused)
{
	struct address address = net_address("unix:%s/socket");
	char path[128], away[128];
	int fd;

	(void)unused;
	path_in_folder(path, sizeof path, "socket");
	path_in_folder(away, sizeof away, "away");
	net_listen(&accepting, &address, 1);
	assert_int_equal(rename(path, away), 0);
	fd = make_socket_file("socket", SOCK_STREAM, true);
	net_listen_no_more(&accepting);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(access(away, F_OK), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(paths_longer_than_a_socket_address_are_served),
		NET_TEST(the_last_part_of_a_long_path_has_a_limit),
		NET_TEST(a_path_without_a_folder_is_in_the_working_one),
		NET_TEST(a_stand_in_is_served),
		NET_TEST(no_link_is_followed_to_a_stand_in),
		NET_TEST(hybrid_listens_where_its_other_end_dials),
		NET_TEST(a_socket_file_that_nobody_listens_on_is_replaced),
		NET_TEST(one_that_somebody_listens_on_is_not),
		NET_TEST(a_file_that_is_no_socket_is_never_replaced),
		NET_TEST(without_the_lock_of_the_folder_nothing_is_replaced),
		NET_TEST(of_many_that_start_at_once_one_listens),
		NET_TEST(the_mode_of_the_file_is_what_was_asked_for),
		NET_TEST(a_file_that_is_no_longer_ours_stays),
	};

	return cmocka_run_group_tests_name("unix_file", tests, NULL, NULL);
}
