/* account_line: one line of /etc/passwd or /etc/group. Page: spec/account_line.md. */
#include "gen/account_line.h"

%%{
	machine account_line;
	alphtype unsigned char;
	access m->;
	getkey c;

	action id { m->id = 10u * m->id + (c - 48u); }
	action group_first { m->group = c - 48u; }
	action group { m->group = 10u * m->group + (c - 48u); }
	action no_group { m->group = ACCOUNT_LINE_NONE; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_no_account { }

	action id_fits { m->id <= (ACCOUNT_LINE_MAX - (c - 48u)) / 10u }
	action group_fits { m->group <= (ACCOUNT_LINE_MAX - (c - 48u)) / 10u }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::name); (void)fentry(line::password);
		(void)fentry(line::id_first); (void)fentry(line::id);
		(void)fentry(line::group_first); (void)fentry(line::group);
		(void)fentry(line::rest); (void)fentry(line::other);
		(void)fentry(line::done); (void)fentry(line::no_account);
	}

	line = (
		start:   '' -> begin,
		begin:    ( '\n' @ignore -> no_account
		          | (':' | 0) @ignore -> other
		          | (any - ('\n' | ':' | 0)) @ignore -> name ),
		name:     ( ':' @ignore -> password
		          | '\n' @ignore -> no_account
		          | 0 @ignore -> other
		          | (any - (':' | '\n' | 0)) @ignore -> name ),
		password: ( ':' @ignore -> id_first
		          | '\n' @ignore -> no_account
		          | (any - (':' | '\n')) @ignore -> password ),
		id_first: ( '0'..'9' @id -> id
		          | '\n' @ignore -> no_account
		          | (any - ('0'..'9' | '\n')) @ignore -> other ),
		id:       ( ('0'..'9' when id_fits) @id -> id
		          | ('0'..'9' when !id_fits) @ignore -> other
		          | ':' @ignore -> group_first
		          | '\n' @ignore -> done
		          | (any - ('0'..'9' | ':' | '\n')) @ignore -> other ),
		group_first: ( '0'..'9' @group_first -> group
		          | '\n' @ignore -> done
		          | (any - ('0'..'9' | '\n')) @ignore -> rest ),
		group:    ( ('0'..'9' when group_fits) @group -> group
		          | ('0'..'9' when !group_fits) @no_group -> rest
		          | ':' @ignore -> rest
		          | '\n' @ignore -> done
		          | (any - ('0'..'9' | ':' | '\n')) @no_group -> rest ),
		rest:     ( '\n' @ignore -> done | (any - '\n') @ignore -> rest ),
		other:    ( '\n' @ignore -> no_account | (any - '\n') @ignore -> other ),
		done:     ( any @in_done -> done ),
		no_account: ( any @in_no_account -> no_account )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void account_line_init(struct account_line *m)
{
	m->id = 0u;
	m->group = ACCOUNT_LINE_NONE;
	%% write init;
}

void account_line_step(struct account_line *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE account_line
#include "fsm/feed.inc"
