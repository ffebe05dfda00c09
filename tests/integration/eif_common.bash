# What the tests of the program eif share: where things are, its exit codes, its JSON.
. "$(dirname "$0")/tap.bash"
data=$repository/tests/data/eif
vectors=$repository/../shared/vectors/eif
plain=$BIN/eif
eif=$(program eif)
mounted=''
leave() { [ -z "$mounted" ] || umount "$mounted"; }

ends() { says "$eif" "$@"; } # CODE WORD ARGUMENT...
pcr() { jq -r ".Measurements.$2" <"$1"; }
