/* unpack: ramdisks become files as the kernel would make them, and never outside their root. */
#include "host/enclave/unpack.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/ramdisk.h"

#define ROOM 16777216u

/* A folder with a root in it, and beside that root what must stay as it is. */
struct place {
	char folder[64];
	int outside, root;
	struct unpack_report report;
	struct fault fault;
};

static struct place *place_make(void)
{
	struct place *place = calloc(1, sizeof *place);
	int fd;

	assert_non_null(place);
	(void)snprintf(place->folder, sizeof place->folder, "/tmp/cloister-unpack-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	place->outside = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(place->outside, "root", 0755), 0);
	place->root = openat(place->outside, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(place->outside, "secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "untouched", 9), 9);
	close(fd);
	return place;
}

static void assert_outside_is_untouched(const struct place *place)
{
	struct stat found;
	char text[16] = {0};
	int fd = openat(place->outside, "secret", O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, text, sizeof text), 9);
	assert_string_equal(text, "untouched");
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(found.st_nlink, 1);
	assert_int_equal(found.st_mode & 07777, 0600);
	close(fd);
	assert_int_equal(fstatat(place->outside, "evil", &found, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(access("/cloister-evil", F_OK), -1);
}

static void place_free(struct place *place)
{
	char command[128];

	assert_outside_is_untouched(place);
	close(place->root);
	close(place->outside);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", place->folder);
	assert_int_equal(system(command), 0); // NOLINT(cert-env33-c)
	free(place);
}

/* Frees the ramdisk. */
static int unpack(struct place *place, struct ramdisk *ramdisk)
{
	struct image image = {.fd = ramdisk_file(ramdisk), .header = {.section_count = 1}};
	uint8_t header[EIF_SECTION_HEADER_SIZE] = {0};
	int fd = image.fd, status;

	/* As in an image: behind a section's header. */
	assert_int_equal(pwrite(fd, header, sizeof header, 0), sizeof header);
	assert_int_equal(pwrite(fd, ramdisk->bytes, ramdisk->size, sizeof header), ramdisk->size);
	image.sections[0].type = EIF_TYPE_RAMDISK;
	image.sections[0].size = ramdisk->size;
	status = unpack_ramdisks(&image, place->root, ROOM, &place->report, &place->fault);
	close(fd);
	free(ramdisk);
	return status;
}

static void assert_unpacks(struct place *place, struct ramdisk *ramdisk)
{
	if (unpack(place, ramdisk) != 0)
		fail_msg("%s: %s", place->fault.word, place->fault.text);
}

static struct stat status_of(const struct place *place, const char *name)
{
	struct stat found = {0};

	assert_int_equal(fstatat(place->root, name, &found, AT_SYMLINK_NOFOLLOW), 0);
	return found;
}

static void assert_missing(const struct place *place, const char *name)
{
	struct stat found;

	assert_int_equal(fstatat(place->root, name, &found, AT_SYMLINK_NOFOLLOW), -1);
}

static void assert_holds(const struct place *place, const char *name, const char *text)
{
	char found[256] = {0};
	int fd = openat(place->root, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	assert_true(fd >= 0);
	assert_true(read(fd, found, sizeof found - 1) >= 0);
	assert_string_equal(found, text);
	close(fd);
}

/* --- What is right ---------------------------------------------------------------------------- */

static void a_tree_is_made(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();
	char target[16] = {0};

	(void)unused;
	ramdisk_add(ramdisk, S_IFDIR | 0750, "d", "");
	ramdisk_add(ramdisk, S_IFREG | 04755, "d/file", "content");
	ramdisk_add(ramdisk, S_IFREG | 0600, "./d/empty", "");
	ramdisk_add(ramdisk, S_IFLNK | 0777, "d/link", "file");
	ramdisk_add(ramdisk, S_IFIFO | 0620, "/fifo", "");
	ramdisk_add(ramdisk, S_IFSOCK | 0600, "socket", "");
	ramdisk_add(ramdisk, S_IFDIR | 01777, "tmp/", "");
	ramdisk_end(ramdisk);
	assert_unpacks(place, ramdisk);
	assert_int_equal(status_of(place, "d").st_mode, S_IFDIR | 0750);
	assert_int_equal(status_of(place, "d/file").st_mode, S_IFREG | 04755);
	assert_int_equal(status_of(place, "d/file").st_mtime, 0);
	assert_int_equal(status_of(place, "d/empty").st_size, 0);
	assert_int_equal(status_of(place, "fifo").st_mode & S_IFMT, S_IFIFO);
	assert_int_equal(status_of(place, "socket").st_mode & S_IFMT, S_IFSOCK);
	assert_int_equal(status_of(place, "tmp").st_mode, S_IFDIR | 01777);
	assert_holds(place, "d/file", "content");
	assert_int_equal(readlinkat(place->root, "d/link", target, sizeof target), 4);
	assert_string_equal(target, "file");
	assert_int_equal(place->report.members, 7);
	assert_int_equal(place->report.skipped, 0);
	place_free(place);
}

static void the_root_has_a_mode_too(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFDIR | 0711, ".", "");
	assert_unpacks(place, ramdisk);
	assert_int_equal(status_of(place, ".").st_mode, S_IFDIR | 0711);
	place_free(place);
}

static void later_members_take_the_place_of_earlier_ones(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG | 0644, "a", "a long first text");
	ramdisk_add(ramdisk, S_IFREG | 0600, "a", "short");
	ramdisk_add(ramdisk, S_IFLNK, "b", "a");
	ramdisk_add(ramdisk, S_IFREG | 0644, "b", "no link");
	ramdisk_add(ramdisk, S_IFDIR | 0755, "c", "");
	ramdisk_add(ramdisk, S_IFREG | 0644, "c", "no folder");
	ramdisk_add(ramdisk, S_IFREG | 0644, "d", "");
	ramdisk_add(ramdisk, S_IFDIR | 0755, "d", "");
	ramdisk_add(ramdisk, S_IFREG | 0644, "e", "");
	ramdisk_add(ramdisk, S_IFLNK, "e", "a");
	assert_unpacks(place, ramdisk);
	assert_holds(place, "a", "short");
	assert_holds(place, "b", "no link");
	assert_holds(place, "c", "no folder");
	assert_int_equal(status_of(place, "d").st_mode & S_IFMT, S_IFDIR);
	assert_int_equal(status_of(place, "e").st_mode & S_IFMT, S_IFLNK);
	assert_int_equal(place->report.skipped, 0);
	place_free(place);
}

static void add_linked(
	struct ramdisk *ramdisk, uint32_t inode, uint32_t links, const char *name, const char *data)
{
	struct newc_header header = {0};

	header.fields[NEWC_INODE] = inode;
	header.fields[NEWC_MODE] = S_IFREG | 0644;
	header.fields[NEWC_LINKS] = links;
	ramdisk_member(ramdisk, &header, name, data, strlen(data));
}

static void names_of_one_inode_are_one_file(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	add_linked(ramdisk, 7, 3, "one", "");
	add_linked(ramdisk, 7, 3, "two", "");
	add_linked(ramdisk, 7, 3, "three", "data with the last");
	ramdisk_end(ramdisk);
	add_linked(ramdisk, 7, 2, "other", "another archive's");
	ramdisk_end(ramdisk);
	assert_unpacks(place, ramdisk);
	assert_holds(place, "one", "data with the last");
	assert_int_equal(status_of(place, "one").st_nlink, 3);
	assert_int_equal(status_of(place, "one").st_ino, status_of(place, "three").st_ino);
	assert_holds(place, "other", "another archive's");
	assert_int_equal(status_of(place, "other").st_nlink, 1);
	place_free(place);
}

static void devices_are_noted(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();
	struct newc_header header = {0};

	(void)unused;
	header.fields[NEWC_MODE] = S_IFCHR | 0666;
	header.fields[NEWC_LINKS] = 1;
	header.fields[NEWC_SPECIAL_MAJOR] = 1;
	header.fields[NEWC_SPECIAL_MINOR] = 3;
	ramdisk_member(ramdisk, &header, "null", "", 0);
	header.fields[NEWC_MODE] = S_IFBLK | 0660;
	header.fields[NEWC_SPECIAL_MAJOR] = 254;
	for (unsigned i = 0; i < UNPACK_DEVICES_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "disk%u", i);
		ramdisk_member(ramdisk, &header, name, "", 0);
	}
	assert_unpacks(place, ramdisk);
	assert_int_equal(status_of(place, "null").st_mode & S_IFMT, S_IFREG);
	assert_int_equal(place->report.device_count, UNPACK_DEVICES_MAX);
	assert_int_equal(place->report.devices_left, 1);
	assert_string_equal(place->report.devices[0].name, "null");
	assert_int_equal(place->report.devices[0].major, 1);
	assert_int_equal(place->report.devices[0].minor, 3);
	assert_false(place->report.devices[0].is_block);
	assert_true(place->report.devices[1].is_block);
	place_free(place);
}

/* --- What is hostile -------------------------------------------------------------------------- */

static void names_stay_inside(void **unused)
{
	static const char *const names[] = {"../evil", "/../../evil", "d/../../../evil",
		"../../../../../../../../cloister-evil", "/cloister-evil", "..", "../..",
		"../secret", "d/../../secret"};
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFDIR | 0755, "d", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ramdisk_add(ramdisk, S_IFREG | 0644, names[i], "evil");
		ramdisk_add(ramdisk, S_IFLNK | 0777, names[i], "evil");
		ramdisk_add(ramdisk, S_IFDIR | 0777, names[i], "");
	}
	assert_unpacks(place, ramdisk);
	(void)status_of(place, "evil");
	(void)status_of(place, "cloister-evil");
	(void)status_of(place, "secret");
	place_free(place);
}

static void links_lead_nowhere_else(void **unused)
{
	static const char *const targets[] = {"..", "../..", "/", "/tmp", "/proc/self/root",
		"/proc/self/cwd", "/dev/fd", "loop", "../root/../.."};
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFDIR | 0755, "tmp", "");
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		char link[16], name[32];

		(void)snprintf(link, sizeof link, "l%zu", i);
		ramdisk_add(ramdisk, S_IFLNK | 0777, link, targets[i]);
		(void)snprintf(name, sizeof name, "l%zu/evil", i);
		ramdisk_add(ramdisk, S_IFREG | 0644, name, "evil");
		(void)snprintf(name, sizeof name, "l%zu/secret", i);
		ramdisk_add(ramdisk, S_IFREG | 0777, name, "evil");
		(void)snprintf(name, sizeof name, "l%zu/cloister-evil", i);
		ramdisk_add(ramdisk, S_IFDIR | 0777, name, "");
	}
	ramdisk_add(ramdisk, S_IFLNK | 0777, "loop", "loop");
	assert_unpacks(place, ramdisk);
	assert_holds(place, "evil", "evil");
	assert_holds(place, "tmp/evil", "evil");
	assert_true(place->report.skipped > 0);
	place_free(place);
}

static void hard_links_stay_inside(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	/* The first name becomes a link between the two. */
	add_linked(ramdisk, 9, 2, "d", "");
	ramdisk_add(ramdisk, S_IFLNK | 0777, "d", "../secret");
	add_linked(ramdisk, 9, 2, "again", "evil");
	add_linked(ramdisk, 11, 2, "../secret", "");
	add_linked(ramdisk, 11, 2, "stolen", "evil");
	ramdisk_end(ramdisk);
	assert_unpacks(place, ramdisk);
	place_free(place);
}

static void a_link_as_a_file_is_not_followed(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG | 0644, "victim", "as it was");
	ramdisk_add(ramdisk, S_IFLNK | 0777, "link", "victim");
	ramdisk_add(ramdisk, S_IFREG | 0644, "link", "new");
	ramdisk_add(ramdisk, S_IFLNK | 0777, "link2", "../secret");
	ramdisk_add(ramdisk, S_IFDIR | 0777, "link2", "");
	assert_unpacks(place, ramdisk);
	assert_holds(place, "victim", "as it was");
	assert_holds(place, "link", "new");
	assert_int_equal(status_of(place, "link2").st_mode & S_IFMT, S_IFDIR);
	place_free(place);
}

static void what_can_not_be_made_is_passed_over(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG | 0644, "missing/file", "data that is passed over");
	ramdisk_add(ramdisk, S_IFDIR | 0755, "full", "");
	ramdisk_add(ramdisk, S_IFREG | 0644, "full/file", "");
	ramdisk_add(ramdisk, S_IFREG | 0644, "full", "in the way");
	ramdisk_add(ramdisk, 0644, "nothing", "of no kind");
	ramdisk_add(ramdisk, S_IFLNK | 0777, "nowhere", "");
	ramdisk_add(ramdisk, S_IFREG | 0644, "after", "here");
	assert_unpacks(place, ramdisk);
	assert_int_equal(place->report.members, 7);
	assert_int_equal(place->report.skipped, 4);
	assert_non_null(strstr(place->report.first_skipped, "missing"));
	assert_missing(place, "nothing");
	assert_holds(place, "after", "here");
	place_free(place);
}

static void a_damaged_one_is_the_end(void **unused)
{
	struct place *place = place_make();
	struct ramdisk *ramdisk = ramdisk_new();

	(void)unused;
	ramdisk_add(ramdisk, S_IFREG | 0644, "file", "data");
	ramdisk_raw(ramdisk, "070701zz", 8);
	assert_int_equal(unpack(place, ramdisk), -1);
	assert_string_equal(place->fault.word, "archive");
	place_free(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_made),
		cmocka_unit_test(the_root_has_a_mode_too),
		cmocka_unit_test(later_members_take_the_place_of_earlier_ones),
		cmocka_unit_test(names_of_one_inode_are_one_file),
		cmocka_unit_test(devices_are_noted),
		cmocka_unit_test(names_stay_inside),
		cmocka_unit_test(links_lead_nowhere_else),
		cmocka_unit_test(hard_links_stay_inside),
		cmocka_unit_test(a_link_as_a_file_is_not_followed),
		cmocka_unit_test(what_can_not_be_made_is_passed_over),
		cmocka_unit_test(a_damaged_one_is_the_end),
	};

	return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
