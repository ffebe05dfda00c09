/* unmount: at the end, what holds data. The kernel's list is read here: the library's reader brings
 * along all of scanf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "services/init/init.h"

#define MOUNTS_MAX 256u
#define PATH_ROOM  256u

/* Octal numbers behind backslashes stand for blanks, ends of lines and backslashes. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
			from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* File systems that are memory, or the kernel's, hold nothing that could be lost. */
static bool holds_data(const char *folder, const char *type, const char *stand_ins)
{
	static const char *const types[] = {"rootfs", "ramfs", "tmpfs", "devtmpfs", "devpts",
		"proc", "sysfs", "cgroup", "cgroup2", "mqueue", "overlay"};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(type, types[i]) == 0)
			return false;
	return strcmp(folder, "/") != 0 && strncmp(folder, "/dev/", 5) != 0 &&
	       (stand_ins == NULL || strcmp(folder, stand_ins) != 0);
}

/* Of a line the second word and the third; false where it has none. */
static bool take_apart(char *line, char **folder, char **type)
{
	char *rest = NULL;

	if (strtok_r(line, " ", &rest) == NULL)
		return false;
	*folder = strtok_r(NULL, " ", &rest);
	*type = strtok_r(NULL, " ", &rest);
	if (*type == NULL)
		return false;
	unescape(*folder);
	return true;
}

/* The last ones first: they may stand on those before. What is in use becomes read-only. */
int unmount_all(const void *data)
{
	static char targets[MOUNTS_MAX][PATH_ROOM];
	const struct init *init = data;
	FILE *file = fopen("/proc/self/mounts", "re");
	char *line = NULL, *folder = NULL, *type = NULL;
	size_t room = 0, count = 0;

	if (file == NULL)
		return 1;
	while (count < MOUNTS_MAX && getline(&line, &room, file) > 0)
		if (take_apart(line, &folder, &type) && holds_data(folder, type, init->stand_ins) &&
			strlen(folder) < PATH_ROOM)
			(void)snprintf(targets[count++], PATH_ROOM, "%s", folder);
	free(line);
	(void)fclose(file);
	while (count-- > 0)
		if (umount2(targets[count], UMOUNT_NOFOLLOW) != 0)
			(void)mount(NULL, targets[count], NULL, MS_REMOUNT | MS_RDONLY, NULL);
	return 0;
}
