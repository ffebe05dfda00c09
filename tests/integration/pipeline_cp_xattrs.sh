#!/bin/bash
# The program pipeline, copies with extended attributes, both ways: those of the namespace user.
. "$(dirname "$0")/pipeline_cp_common.bash"

attribute() { # FILE NAME VALUE...
	python3 -IS -c 'import os, sys
for i in range(1, len(sys.argv), 3):
    os.setxattr(sys.argv[i], sys.argv[i + 1], sys.argv[i + 2].encode())' "$@" 2>/dev/null
}
attributes() { # FOLDER: of all that is in it
	(cd "$1" && find . ! -type l | sort | python3 -IS -c 'import os, sys
for name in sys.stdin.read().split():
    for key in sorted(os.listxattr(name)):
        print(name, key, os.getxattr(name, key))')
}
same_attributes() { attributes "$1" | grep -v cloister | grep user. >one; attributes "$2" >two; diff one two; }

fresh() { chmod -Rf u+w src dst; rm -rf src dst && mkdir src dst && make_tree; }
make_tree() {
	mkdir -p src/a/folder/deeper && echo one >src/a/one && echo two >src/a/folder/two && echo 3 >src/a/plain &&
		ln -s one src/a/link && ln src/a/one src/a/again &&
		attribute src/a user.top 'of the tree' src/a/one user.mime_type text/plain src/a/one user.empty '' \
			src/a/folder user.a "$(head -c 1000 /dev/zero | tr '\0' x)" src/a/folder/two user.two 'two
lines' && chmod 0400 src/a/folder/two && chmod 0500 src/a/folder
}
facts() { jq -r '"\(.members) \(.bytes) \(.unchanged) \(.xattrs)"' out; }

test_arrive() {
	copies '8 10 0 5' --xattrs && same_tree src/a dst/a && same_attributes src/a dst/a
}
test_not_asked() { copies '8 10 0 0' && same_tree src/a dst/a && same '' "$(attributes dst/a)"; }
test_unchanged() {
	rm src/a/again && copies '7 10 0 5' --xattrs && copies '7 0 3 5' --xattrs --skip-unchanged || return 1
	attribute src/a/one user.mime_type text/html && chmod u+w dst/a/folder/two &&
		attribute dst/a/folder/two user.more more && chmod u-w dst/a/folder/two || return 1
	copies '7 0 3 5' --xattrs --resume && same_tree src/a dst/a && same_attributes src/a dst/a &&
		copies '7 0 3 5' --xattrs --checksum && same_attributes src/a dst/a
}
test_other() { # NAMESPACE: what the kernel or its guards mean by it is not copied
	attribute src/a/plain "$1.cloister" x src/a "$1.cloister" x && copies '8 10 0 5' --xattrs &&
		same_attributes src/a dst/a
}
test_many() {
	# shellcheck disable=SC2046
	attribute $(seq -f 'src/a/plain user.%.0f x' 65) && ends 69 limit cp --xattrs "$from" "$to" && [ ! -e dst/a/plain ]
}
test_output() { ends 2 usage cp --xattrs "$there/src/a/one" -; }

# The file system of the scratch has to have them; that they are needed to be copied is a unit test's.
mkdir src && if attribute src user.try it; then
	ok 'extended attributes arrive with files and folders, whatever their modes' ways test_arrive
	ok 'and only where they are asked for' ways test_not_asked
	ok 'a file that stays gets those that it has to have, and loses others' ways test_unchanged
	ok 'more than there may be end the copy' ways test_many
	for space in user.overlay user.fuseoverlayfs user.containers; do
		ok "those of $space. are not copied" ways test_other $space
	done
	for space in trusted security; do
		if attribute src "$space.try" it; then
			ok "those of $space. are not copied" ways test_other $space
		else
			echo "# skipped: extended attributes of $space. (only who may can set them)"
		fi
	done
else
	echo '# skipped: extended attributes arrive (the file system here has none)'
fi
fresh
ok 'standard output has none' test_output
ok 'the listener ends well' test_stop

finish
