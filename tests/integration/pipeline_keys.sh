#!/bin/bash
# Operators' keys as whole programs: `pipeline keygen` makes pairs that OpenSSL understands and that
# nobody else may read, `pipeline permit` says what a file of keys permits, and what is wrong with it.
. "$(dirname "$0")/tap.bash"
pipeline=$(program pipeline)

ends() { says "$pipeline" "$@"; } # CODE WORD ARGUMENT...

# --- Pairs ----------------------------------------------------------------------------------------

makes() { # TYPE FILE [OPTION...]
	local type=$1 file=$2
	shift 2
	ends 0 - --json keygen --type "$type" -o "$file" "$@" || return
	same 600 "$(stat -c %a "$file")" && same 644 "$(stat -c %a "$file.pub")" &&
		jq -e --arg type "$type" --arg file "$file" '.type == $type and .private == $file and
			.public == $file + ".pub"' out
}
openssl_agrees() { # FILE: on the pair, on its fingerprint, on a signature
	openssl pkey -in "$1" -pubout -outform DER >spki &&
		openssl pkey -pubin -in "$1.pub" -outform DER | cmp - spki &&
		same "$(jq -r .spki out)" "$(base64 -w 0 spki)" &&
		same "$(jq -r .fingerprint out)" \
			"SHA256:$(openssl dgst -sha256 -binary spki | base64 -w 0 | tr -d =)"
}
never_overwrites() { # FILE: nor half of a pair
	cp "$1" kept && ends 73 exists keygen -o "$1" && cmp "$1" kept &&
		mv "$1" away && ends 73 exists keygen -o "$1" && [ ! -e "$1" ] && mv away "$1"
}
replaces() { cp "$1" kept && ends 0 - keygen --force -o "$1" && ! cmp -s "$1" kept; } # FILE
leaves_nothing() { # where it fails
	mkdir -p full && ends 73 output keygen -o full/none/key && empty_folder full
}
has_a_comment() { [ "$(head -n 1 two.key.pub)" = '# a word for people' ]; }
has_a_default() { ends 0 - keygen && [ -f cloister.key ] && contains out 'make eif KEY=cloister.key.pub'; }

ok 'keygen makes an Ed25519 pair' makes ed25519 one.key
ok 'which OpenSSL reads, and agrees on its fingerprint' openssl_agrees one.key
ok 'keygen makes a P-256 pair' makes p256 two.key --comment 'a word for people'
ok 'which OpenSSL reads too' openssl_agrees two.key
ok 'a comment is kept with the public key' has_a_comment
ok 'what is there is not overwritten' never_overwrites one.key
ok 'but with --force' replaces one.key
ok 'what fails leaves nothing behind' leaves_nothing
ok 'without a name the pair is cloister.key' has_a_default
has_two_halves() { # people name the other one
	ends 66 permission --addr "unix:$scratch/none" --key one.key.pub ping && contains err 'name the private one'
}
ok 'the public half is no key to enter with, and it is said' has_two_halves
ok 'another type is refused' ends 2 usage keygen --type rsa -o three.key
ok 'a comment of two lines is refused' ends 2 usage keygen --comment $'a\nb' -o three.key
ok 'an argument is refused' ends 2 usage keygen three.key

# --- What is permitted ----------------------------------------------------------------------------

spki() { openssl pkey -pubin -in "$1" -outform DER | base64 -w 0; }
cat >keys <<-END
	[[key]]
	name = "alice"
	public = "$(spki one.key.pub)"
	verbs = ["exec", "put", "get", "attest"]
	commands = ["/bin/ls *", "/bin/echo 'a b'"]
	read = ["/data"]
	write = ["/data/in"]
	expires = "2027-01-31T00:00:00Z"

	[[key]]
	name = "ops"
	public = "$(spki two.key.pub)"
	verbs = ["exec", "forward", "control"]
	commands = ["*"]
	users = ["nobody"]
	forward = ["tcp:127.0.0.1:80"]
	listen = ["tcp:127.0.0.1:0"]
END
may() { ends 0 - permit --at 2027-01-30T23:59:59Z keys "$@"; }              # KEY VERB ARGUMENT...
may_not() { local word=$1; shift; ends 77 "$word" permit --at 2027-01-30T23:59:59Z keys "$@"; }
lists() {
	ends 0 - --json permit keys && jq -e '[.[].name] == ["alice", "ops"] and
		.[0].commands == [["/bin/ls", "*"], ["/bin/echo", "a b"]] and .[0].read == ["/data"] and
		.[0].expires == 1801353600 and .[1].expires == null and
		.[1].verbs == ["exec", "forward", "control"]' out
}
lists_for_people() { ends 0 - permit keys && contains out "/bin/echo 'a b'"; }
answers_json() { ends 77 path --json permit keys alice get /etc && jq -e '.allowed == false and .reason == "path"' out; }

ok 'a file of keys is listed' lists
ok 'for people too' lists_for_people
ok 'a command with any arguments' may alice exec /bin/ls -l /
ok 'a command with its own ones' may alice exec /bin/echo 'a b'
ok 'and no others' may_not command alice exec /bin/echo a b
ok 'nor another program' may_not command alice exec /bin/sh
ok 'a path beneath one that may be read' may alice get /data/x/y
ok 'not a longer name' may_not path alice get /database
ok 'not by going up' may_not path alice get /data/../etc/shadow
ok 'not one that may only be read' may_not path alice put /data/x
ok 'an unlisted verb' may_not verb alice forward tcp:127.0.0.1:80
ok 'a target that is listed' may ops forward tcp:127.0.0.1:80
ok 'and one that is not' may_not target ops forward tcp:127.0.0.1:81
ok 'where it may listen' may ops listen tcp:127.0.0.1:0
ok 'and where not, though it may lead there' may_not target ops listen tcp:127.0.0.1:80
ok 'a user that is listed' ends 0 - permit --user nobody keys ops exec id
ok 'and one that is not' ends 77 user permit --user root keys ops exec id
ok 'a key by its file' may two.key.pub control
ok 'a key that is not listed' may_not key eve attest
ok 'a key whose time is over' ends 77 expired permit --at 2027-01-31T00:00:00Z keys alice attest
ok 'an answer as JSON' answers_json
ok 'an unknown verb is refused' ends 2 usage permit keys alice run x
ok 'a command is needed' ends 2 usage permit keys alice exec

# --- What is wrong with a file --------------------------------------------------------------------

wrong() { # WORD PLACE SED-SCRIPT
	sed "$3" keys >bad && ends 65 "$1" permit bad && contains err "bad:$2"
}
ok 'an unknown key has its line and column' wrong unknown 6:1 's/^read/reads/;4s/, "get"//'
ok 'a verb that is none' wrong range 4:1 '4s/exec/run/'
ok 'a public key that is none' wrong key 3:1 '3s/"MC/"MD/'
ok 'the same key twice' wrong duplicate 12:1 "12s|=.*|= \"$(spki one.key.pub)\"|"
ok 'a time that is none' wrong time 8:1 '8s/01-31/02-31/'
ok 'a path that goes up' wrong path 6:1 '6s|/data|/data/../x|'
ok 'a verb without what it is about' wrong missing 1:3 '6d'
ok 'no TOML' wrong syntax 1:6 '1s/\]\]/]/'
ok 'a file that is not there' ends 66 not_found permit none
finish
