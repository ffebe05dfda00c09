# What the tests of the program pipeline's copies share: a listener whose address is the usual one, and
# copies that go both ways.
. "$(dirname "$0")/pipeline_common.bash"

address=unix:$scratch/s
listen service.log --addr "$address" || exit 1
service=$listener
export CLOISTER_ADDR=$address
there=:$scratch

# Each test goes both ways, in and out: from src/a to dst/a.
ways() { # TEST ARGUMENT...
	local test=$1
	shift
	for way in "src/a $there/dst/" "$there/src/a dst/"; do
		from=${way% *} to=${way#* }
		fresh && "$test" "$@" || return 1
	done
}
fresh() { chmod -Rf u+w src dst; rm -rf src dst && mkdir src dst; }
facts() { jq -r '"\(.members) \(.bytes) \(.unchanged) \(.resumed)"' out; }
copies() { # FACTS OPTION...
	local facts=$1
	shift
	ends 0 - cp --json "$@" "$from" "$to" && same "$facts" "$(facts)"
}

test_stop() { stop "$service" && [ ! -e s ]; }
