/* tree: JSON text read by jansson without losing how its numbers were written.
 *
 * jansson keeps numbers as long or double, which is not what AWS's tools make of them. So before it
 * sees the text, each string gets a '$' in front and each number becomes {"#": "normalised text"};
 * as every key that came in begins with '$', the key "#" can't be mistaken.
 */
#ifndef CLOISTER_RUNTIME_EIF_TREE_H
#define CLOISTER_RUNTIME_EIF_TREE_H

#include <jansson.h>

#include "runtime/eif/emit.h"
#include "runtime/kernel/fault.h"

#define TREE_DEPTH_MAX 127 /* of nested values, as in AWS's reader */

/* Reads one JSON value. `what` names it in the fault, whose word is "json". The caller owns the
 * result (json_decref). */
json_t *eif_tree_read(const char *text, size_t size, const char *what, struct fault *fault);

/* A member of an object by its untagged name, or NULL. */
json_t *eif_tree_member(const json_t *object, const char *name);

/* The text of a string member, or NULL if it is missing or no string. It may contain NULs. */
const char *eif_tree_text(const json_t *object, const char *name, size_t *size);

/* Prints a value; objects with their keys in order of bytes. */
void eif_tree_emit(struct emit *emit, const char *key, json_t *value);

/* Prints an object's members, without the braces. */
void eif_tree_emit_members(struct emit *emit, json_t *object);

#endif
