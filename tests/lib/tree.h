/* tree: folders of scratch for tests of copies: made, listed as text, compared, removed. A failure
 * fails the test. */
#ifndef CLOISTER_TESTS_LIB_TREE_H
#define CLOISTER_TESTS_LIB_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes an empty folder and opens it. */
int tree_new(void);

/* Removes all that is in a folder of tree_new, and the folder; closes it. */
void tree_remove(int folder);

/* Makes a file with bytes and a mode. */
void tree_file(int folder, const char *name, const void *bytes, size_t size, mode_t mode);
void tree_text(int folder, const char *name, const char *text);
void tree_folder(int folder, const char *name, mode_t mode);
void tree_symlink(int folder, const char *name, const char *text);
void tree_link(int folder, const char *name, const char *earlier);

/* Sets the time of the last change, of a symbolic link too. */
void tree_time(int folder, const char *name, int64_t seconds, long nanoseconds);

/* The whole text of a file, to be freed; its size where that is not null. */
char *tree_read(int folder, const char *name, size_t *size);

/* A line for all that is in the folder, in order: name, kind, mode, time; of a file its size, a
 * checksum, and the first of its names where it has more; of a symbolic link its text. To be
 * freed. */
char *tree_list(int folder);

/* Both have the same list. */
void tree_assert_same(int a, int b);

/* The file has this text. */
void tree_assert_text(int folder, const char *name, const char *text);

#endif
